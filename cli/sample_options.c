/*
 * Options of samples read; see the header. Nothing is guessed: what a method does not use is refused, so that nobody takes a
 * sample for something that it is not.
 */
#include "cli/sample_options.h"

#include <string.h>

#include "audit/fiscal.h"
#include "ledger/money.h"

enum { CONFIDENCE_DEFAULT_PPM = 950000, SIZE_MAX_PLANNED = SAMPLE_SIZE_MAX };

static struct sample_words words_of(const struct options *options, const char *name)
{
    struct sample_words words = {.count = 0};
    words.words = options_list(options, name, &words.count);
    return words;
}

/* Whether it is a period, before there is a book to ask for fiscal years. */
static enum status period_check(const struct options *options, const char *name, struct err *err)
{
    const char *text = options_text(options, name);
    enum status status = text == NULL ? STATUS_OK : audit_period_check(text, err);
    if (status != STATUS_OK)
        err_prefix(err, "--%s: ", name);
    return status;
}

enum status sample_filter_read(const struct options *options, struct sample_filter *ret_filter, struct err *err)
{
    const char *unit = options_text(options, "unit");
    struct sample_filter filter = {.kinds = words_of(options, "kind"),
                                   .entities = words_of(options, "entity"),
                                   .reasons = words_of(options, "reason"),
                                   .customers = words_of(options, "customer"),
                                   .states = words_of(options, "state"),
                                   .controls = words_of(options, "control"),
                                   .documents = words_of(options, "document"),
                                   .currency = options_text(options, "currency"),
                                   .absolute = options_flag(options, "absolute"),
                                   .low_text = options_text(options, "min"),
                                   .high_text = options_text(options, "max")};
    filter.has_low = filter.low_text != NULL;
    filter.has_high = filter.high_text != NULL;
    filter.decisions = unit != NULL && strcmp(unit, "decision") == 0;
    if (unit != NULL && !filter.decisions && strcmp(unit, "document") != 0)
        return err_set(err, STATUS_INPUT, "--unit is document or decision");
    for (size_t i = 0; i < filter.kinds.count; i++)
        if (kind_from_name(filter.kinds.words[i]) == KIND_UNKNOWN)
            return err_set(err, STATUS_INPUT, "--kind %.64s: there is no such kind of document", filter.kinds.words[i]);
    enum status status = period_check(options, "period", err);
    if (status == STATUS_OK)
        status = period_check(options, "effective", err);
    if (status == STATUS_OK)
        *ret_filter = filter;
    return status;
}

static enum status days_read(const struct options *options, struct journal *journal, const char *name,
                             struct audit_period *ret_period, struct err *err)
{
    struct fiscal_entities entities = {.count = 0};
    const char *text = options_text(options, name);
    entities.entities = options_list(options, "entity", &entities.count);
    enum status status = text != NULL ? fiscal_period_of_journal(journal, &entities, text, ret_period, err) : STATUS_OK;
    if (status != STATUS_OK)
        err_prefix(err, "--%s: ", name);
    return status;
}

enum status sample_filter_days(const struct options *options, struct journal *journal, struct sample_filter *filter,
                               struct err *err)
{
    struct audit_period entered = {.first = 0}, dated = {.first = 0};
    enum status status = days_read(options, journal, "period", &entered, err);
    if (status == STATUS_OK)
        status = days_read(options, journal, "effective", &dated, err);
    if (status != STATUS_OK)
        return status;
    filter->has_entered = options_text(options, "period") != NULL;
    filter->entered_from = entered.first;
    filter->entered_to = entered.last;
    filter->has_dated = options_text(options, "effective") != NULL;
    filter->dated_from = dated.first;
    filter->dated_to = dated.last;
    return STATUS_OK;
}

static enum status percent_read(const struct options *options, const char *name, int32_t *ret_ppm, struct err *err)
{
    const char *text = options_text(options, name);
    enum status status = text == NULL ? STATUS_OK : sample_percent_parse(text, ret_ppm, err);
    if (status != STATUS_OK)
        err_prefix(err, "--%s: ", name);
    return status;
}

static enum status distribution_read(const struct options *options, enum sample_distribution *ret_distribution,
                                     struct err *err)
{
    const char *text = options_text(options, "distribution");
    if (text == NULL)
        return STATUS_OK;
    for (enum sample_distribution i = SAMPLE_BINOMIAL; i < SAMPLE_DISTRIBUTIONS; i++)
        if (strcmp(text, sample_distribution_name(i)) == 0) {
            *ret_distribution = i;
            return STATUS_OK;
        }
    return err_set(err, STATUS_INPUT, "--distribution is binomial, poisson or hypergeometric");
}

/* An option that the method has no use for would be taken for something that was done. */
static enum status check_use(const struct options *options, enum sample_method method, struct err *err)
{
    static const struct {
        const char *option;
        unsigned methods;
    } uses[] = {{"tolerable-rate", 1U << SAMPLE_ATTRIBUTE | 1U << SAMPLE_STRATIFIED},
                {"expected-deviations", 1U << SAMPLE_ATTRIBUTE | 1U << SAMPLE_STRATIFIED},
                {"expected-rate", 1U << SAMPLE_ATTRIBUTE | 1U << SAMPLE_STRATIFIED},
                {"distribution", 1U << SAMPLE_ATTRIBUTE | 1U << SAMPLE_STRATIFIED},
                {"tolerable-amount", 1U << SAMPLE_MUS},
                {"expected-amount", 1U << SAMPLE_MUS},
                {"interval", 1U << SAMPLE_MUS},
                {"strata", 1U << SAMPLE_STRATIFIED},
                {"top", 1U << SAMPLE_STRATIFIED},
                {"size", 1U << SAMPLE_ATTRIBUTE | 1U << SAMPLE_STRATIFIED | 1U << SAMPLE_MUS},
                {"because", 1U << SAMPLE_JUDGEMENTAL},
                {"before", 1U << SAMPLE_JUDGEMENTAL}};
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if ((uses[i].methods & 1U << method) == 0 && options_text(options, uses[i].option) != NULL)
            return err_set(err, STATUS_INPUT, "--%s is not for the method %s", uses[i].option,
                           sample_method_name(method));
    return STATUS_OK;
}

enum status sample_plan_read(const struct options *options, struct sample_plan *ret_plan, struct err *err)
{
    const char *method = options_text(options, "method");
    struct sample_plan plan = {.method = method == NULL ? SAMPLE_ATTRIBUTE : sample_method_find(method),
                               .because = options_text(options, "because")};
    int32_t confidence_ppm = CONFIDENCE_DEFAULT_PPM;
    if (plan.method == SAMPLE_METHODS)
        return err_set(err, STATUS_INPUT, "--method is attribute, mus, stratified or judgemental");
    enum status status = check_use(options, plan.method, err);
    if (status == STATUS_OK)
        status = percent_read(options, "confidence", &confidence_ppm, err);
    if (status == STATUS_OK && (confidence_ppm < 1 || confidence_ppm >= PROBABILITY_ONE))
        status = err_set(err, STATUS_INPUT, "--confidence: has to be above 0 and below 100 %%");
    if (status == STATUS_OK)
        status = percent_read(options, "tolerable-rate", &plan.attribute.tolerable_ppm, err);
    if (status == STATUS_OK)
        status = percent_read(options, "expected-rate", &plan.attribute.expected_ppm, err);
    if (status == STATUS_OK)
        status = options_number(options, "expected-deviations", 0, SIZE_MAX_PLANNED, &plan.attribute.expected, err);
    if (status == STATUS_OK)
        status = distribution_read(options, &plan.attribute.distribution, err);
    if (status != STATUS_OK)
        return status;
    if (options_text(options, "expected-rate") != NULL && options_text(options, "expected-deviations") != NULL)
        return err_set(err, STATUS_INPUT, "--expected-rate and --expected-deviations say the same thing twice");
    if (plan.attribute.tolerable_ppm == PROBABILITY_ONE)
        return err_set(err, STATUS_INPUT, "--tolerable-rate: has to be below 100 %%");
    if (options_text(options, "expected-rate") != NULL)
        plan.attribute.expected = -1;
    plan.risk_ppm = plan.method == SAMPLE_JUDGEMENTAL ? 0 : PROBABILITY_ONE - confidence_ppm;
    plan.attribute.risk_ppm = plan.mus.risk_ppm = plan.risk_ppm;
    *ret_plan = plan;
    return STATUS_OK;
}

enum status sample_amount_read(const struct options *options, const char *name, int digits, int64_t *ret_minor,
                               struct err *err)
{
    const char *text = options_text(options, name);
    int64_t minor = 0;
    if (text == NULL)
        return STATUS_OK;
    enum status status = money_parse(text, strlen(text), digits, &minor, err);
    if (status == STATUS_OK && minor < 0)
        status = err_set(err, STATUS_INPUT, "cannot be below zero");
    if (status != STATUS_OK)
        err_prefix(err, "--%s: ", name);
    else
        *ret_minor = minor;
    return status;
}

enum status sample_plan_amounts(const struct options *options, int digits, struct sample_plan *plan, struct err *err)
{
    enum status status = sample_amount_read(options, "tolerable-amount", digits, &plan->mus.tolerable_minor, err);
    return status == STATUS_OK ? sample_amount_read(options, "expected-amount", digits, &plan->mus.expected_minor, err)
                               : status;
}

/* "1000.00,5000.00" */
static enum status bounds_read(const struct options *options, int digits, struct sample_selection *selection,
                               struct err *err)
{
    const char *text = options_text(options, "strata");
    enum status status = STATUS_OK;
    while (status == STATUS_OK && text != NULL) {
        size_t length = strcspn(text, ",");
        if (selection->bound_count == SAMPLE_STRATA_MAX - 1)
            return err_set(err, STATUS_LIMIT, "--strata: more than %d strata", SAMPLE_STRATA_MAX);
        status = money_parse(text, length, digits, &selection->bounds_minor[selection->bound_count++], err);
        text = text[length] == ',' ? text + length + 1 : NULL;
    }
    if (status != STATUS_OK) {
        err_prefix(err, "--strata: ");
        return status;
    }
    selection->has_top = options_text(options, "top") != NULL;
    return sample_amount_read(options, "top", digits, &selection->top_minor, err);
}

static enum status rate_size(const struct options *options, const struct sample_population *population,
                             struct sample_plan *plan, struct sample_selection *selection, struct err *err)
{
    enum status status = STATUS_OK;
    plan->given = options_text(options, "size") != NULL;
    plan->attribute.population = (int64_t)population->count;
    if (plan->attribute.tolerable_ppm == 0 && !plan->given)
        return err_set(err, STATUS_INPUT, "how many? --size names it, --tolerable-rate plans it");
    if (plan->attribute.tolerable_ppm > 0)
        status = sample_attribute_size(&plan->attribute, &selection->size, &plan->allowed, err);
    if (status == STATUS_OK)
        status = options_number(options, "size", 1, SIZE_MAX_PLANNED, &selection->size, err);
    /* A plan that asks for more than there is asks for everything. */
    if (status == STATUS_OK && !plan->given && selection->size > (int64_t)population->count)
        selection->size = (int64_t)population->count;
    return status;
}

static enum status money_size(const struct options *options, const struct sample_population *population,
                              struct sample_plan *plan, struct sample_selection *selection, struct err *err)
{
    int64_t size = 0;
    bool by_size = options_text(options, "size") != NULL, by_interval = options_text(options, "interval") != NULL;
    enum status status = sample_plan_amounts(options, population->digits, plan, err);
    plan->given = by_size || by_interval;
    if (status == STATUS_OK && !plan->given && plan->mus.tolerable_minor == 0)
        status = err_set(err, STATUS_INPUT, "how much? --tolerable-amount plans it, --interval or --size name it");
    if (status == STATUS_OK && by_size && by_interval)
        status = err_set(err, STATUS_INPUT, "--size and --interval say the same thing twice");
    if (status == STATUS_OK && !plan->given)
        return sample_mus_interval(&plan->mus, &selection->interval_minor, err);
    if (status == STATUS_OK)
        status = options_number(options, "size", 1, SIZE_MAX_PLANNED, &size, err);
    if (status == STATUS_OK)
        status = sample_amount_read(options, "interval", population->digits, &selection->interval_minor, err);
    if (status == STATUS_OK && by_size)
        selection->interval_minor = population->positive.minor / size;
    if (status == STATUS_OK && selection->interval_minor < 1)
        status = err_set(err, STATUS_INPUT, "there is not so much money in the population");
    return status;
}

enum status sample_selection_read(const struct options *options, const struct sample_population *population,
                                  struct sample_plan *plan, struct sample_selection *ret_selection, struct err *err)
{
    struct sample_selection selection = {.method = plan->method};
    enum status status = STATUS_OK;
    switch (plan->method) {
    case SAMPLE_STRATIFIED:
        status = bounds_read(options, population->digits, &selection, err);
        if (status == STATUS_OK && selection.bound_count == 0 && !selection.has_top)
            status =
                err_set(err, STATUS_INPUT, "which strata? --strata 1000.00,5000.00 parts them, --top takes all above");
        if (status == STATUS_OK)
            status = rate_size(options, population, plan, &selection, err);
        break;
    case SAMPLE_ATTRIBUTE:
        status = rate_size(options, population, plan, &selection, err);
        break;
    case SAMPLE_MUS:
        status = money_size(options, population, plan, &selection, err);
        break;
    case SAMPLE_JUDGEMENTAL:
    case SAMPLE_METHODS:
        plan->given = true;
        if (plan->because == NULL)
            status = err_set(err, STATUS_INPUT, "why these? a judgemental selection says it with --because");
        break;
    }
    if (status == STATUS_OK)
        *ret_selection = selection;
    return status;
}

enum status sample_criteria_read(const struct options *options, int digits, struct sample_criteria *ret_criteria,
                                 struct err *err)
{
    struct sample_criteria criteria = {.risk_ppm = 0};
    int32_t confidence_ppm = 0;
    enum status status = percent_read(options, "confidence", &confidence_ppm, err);
    if (status == STATUS_OK && confidence_ppm == PROBABILITY_ONE)
        status = err_set(err, STATUS_INPUT, "--confidence: has to be below 100 %%");
    if (status == STATUS_OK)
        status = percent_read(options, "tolerable-rate", &criteria.tolerable_ppm, err);
    if (status == STATUS_OK)
        status = sample_amount_read(options, "tolerable-amount", digits, &criteria.tolerable_minor, err);
    if (status != STATUS_OK)
        return status;
    if (confidence_ppm > 0)
        criteria.risk_ppm = PROBABILITY_ONE - confidence_ppm;
    *ret_criteria = criteria;
    return STATUS_OK;
}
