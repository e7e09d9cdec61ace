/*
 * Attacks the whole command line: an input is the arguments, with NUL between, run in this process on a small book whose clerk's
 * key and passphrase are at hand. "@..." stands for a file with what follows; other files are none but in a folder of its own.
 *
 * Whatever the arguments are: an exit status of DESIGN 9; with any but 0 a sentence on the error output (or, where it is 1,
 * findings on the output), with --json an object of the error, too; on neither a character that steers a terminal; and the journal
 * as it was unless the status is 0, or 1 where a refusal is recorded. AFL++ runs the same function (make fuzz-cli),
 * tests/test_command_line.c arguments of its own making.
 */
#include <dirent.h>
#include <fcntl.h>

#include "cli/commands.h"
#include "cli/run.h"
#include "ledger/hash.h"
#include "ledger/keyfile.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_book.h"

enum { WORDS_MAX = 40, FILES_BYTES_MAX = 1 << 20, PASSPHRASE_FD = 9 };

static struct {
    struct small_book book;
    char folder[200], key[220], passphrase[220];
    int here; /* the directory that the program was started in */
    bool open;
    unsigned files, fills;
    int64_t now_ms;
} stage;

static int64_t now_ms(void *context)
{
    (void)context;
    return stage.now_ms;
}

static int64_t monotonic_us(void *context)
{
    (void)context;
    return stage.now_ms++ * 1000;
}

/* The seed of the clerk's key first, then bytes that repeat. */
static void fill(void *context, void *bytes, size_t length)
{
    uint8_t seed[KEYFILE_SEED_BYTES] = {USER_MARIA + 1};
    (void)context;
    memset(bytes, (int)stage.fills, length);
    if (stage.fills++ == 0)
        memcpy(bytes, seed, length < sizeof seed ? length : sizeof seed);
}

static void shell(const char *format, const char *a, const char *b)
{
    char command[600];
    snprintf(command, sizeof command, format, a, b);
    must(system(command) == 0);
}

static void stage_close(void)
{
    small_book_free(&stage.book);
}

static void stage_open(void)
{
    static const char phrase[] = "correct horse\n";
    struct public_key key;
    const struct keyfile_seal seal = {
        .passphrase = phrase, .passphrase_length = sizeof phrase - 2, .cost = keyfile_cost_cheap()};
    const struct random_source random = {.fill = fill};
    stage.open = true;
    small_book_make(&stage.book);
    must(atexit(stage_close) == 0);
    snprintf(stage.folder, sizeof stage.folder, "%s/here", fuzz_dir());
    snprintf(stage.key, sizeof stage.key, "%s/maria.key", fuzz_dir());
    must(mkdir(stage.folder, 0700) == 0);
    must(keyfile_create(stage.key, &seal, &random, &key, NULL) == STATUS_OK);
    must(sshkey_equal(&key, &stage.book.signers[USER_MARIA].key));
    fuzz_file("passphrase", phrase, sizeof phrase - 1, stage.passphrase);
    int fd = open(stage.passphrase, O_RDONLY);
    must(fd >= 0 && dup2(fd, PASSPHRASE_FD) == PASSPHRASE_FD && close(fd) == 0);
    stage.here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(stage.here >= 0);
    shell("cp -r '%s' '%s/pristine'", stage.book.dir, fuzz_dir());
}

/* The bytes of the journal. */
static struct hash journal_hash(void)
{
    static uint8_t bytes[FILES_BYTES_MAX];
    char path[SCRATCH_PATH_BYTES + 32];
    struct hash hash;
    snprintf(path, sizeof path, "%s/journal/data.mdb", stage.book.dir);
    FILE *file = fopen(path, "r");
    must(file != NULL);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    hash_of(bytes, length, &hash);
    return hash;
}

/* No path but in the folder, nothing that goes on by itself, nothing that asks another machine. */
static bool may_run(char *const words[], int count)
{
    static const char *const left_out[] = {"serve", "watch", "connect", "@serve"};
    for (int i = 1; i < count; i++) {
        if (strchr(words[i], '/') != NULL || strstr(words[i], "..") != NULL || strstr(words[i], "unix:") != NULL ||
            strstr(words[i], "ssh:") != NULL)
            return false;
        for (size_t j = 0; i < 2 && j < sizeof left_out / sizeof left_out[0]; j++)
            if (strcmp(words[i], left_out[j]) == 0)
                return false;
    }
    return true;
}

/* "@content" becomes a file's name. */
static char *word_of(const uint8_t *bytes, size_t length)
{
    char name[32], path[160];
    if (length == 0 || bytes[0] != '@')
        return fuzz_text(bytes, length);
    snprintf(name, sizeof name, "here/f%u", stage.files++);
    fuzz_file(name, bytes + 1, length - 1, path);
    return fuzz_text((const uint8_t *)name + 5, strlen(name + 5));
}

static void book_restore(void)
{
    char pristine[160];
    snprintf(pristine, sizeof pristine, "%s/pristine", fuzz_dir());
    shell("rm -rf '%s'%s", stage.book.dir, "");
    shell("cp -r '%s' '%s'", pristine, stage.book.dir);
}

/* Text for people: nothing that steers a terminal. */
static void check_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t code_point = 0;
        size_t step = text_step(text + i, length - i, &code_point);
        if (step == 0 || (code_point != '\n' && code_point != '\t' && text_forbidden(code_point)))
            fprintf(stderr, "at %zu of: %.*s\n", i, (int)length, text);
        must(step > 0 && (code_point == '\n' || code_point == '\t' || !text_forbidden(code_point)));
        i += step;
    }
}

/* What a program is told of an error: the last line of the output. */
static bool has_error_object(const char *out, size_t length)
{
    const char *before = length > 1 ? memrchr(out, '\n', length - 1) : NULL;
    const char *line = before != NULL ? before + 1 : out;
    json_t *object = json_loadb(line, length - (size_t)(line - out), JSON_REJECT_DUPLICATES, NULL);
    bool has = json_string_length(json_object_get(json_object_get(object, "error"), "text")) > 0;
    json_decref(object);
    return has;
}

static void run(int count, char *words[])
{
    char *out = NULL, *err = NULL;
    size_t out_length = 0, err_length = 0;
    struct cli cli = {.in = fopen("/dev/null", "r"),
                      .out = open_memstream(&out, &out_length),
                      .err = open_memstream(&err, &err_length),
                      .now_ms = now_ms,
                      .monotonic_us = monotonic_us,
                      .random = {.fill = fill},
                      .words = words,
                      .commands = &commands,
                      .environment = {.book = stage.book.dir, .user = "maria", .key = stage.key, .home = stage.folder}};
    must(cli.in != NULL && cli.out != NULL && cli.err != NULL);
    must(lseek(PASSPHRASE_FD, 0, SEEK_SET) == 0);
    stage.now_ms = stage.book.now_ms + 60000;
    stage.fills = 1;
    struct hash before = journal_hash();
    int status = cli_run(&cli, count, words);
    fclose(cli.in);
    fclose(cli.out);
    fclose(cli.err);
    struct hash after = journal_hash();
    must(status >= EXIT_DONE && status <= EXIT_NOT_ALLOWED);
    must(status == EXIT_DONE || err_length > 0 || (status == EXIT_REFUSED && out_length > 0));
    must(err_length == 0 || err[err_length - 1] == '\n');
    check_text(err, err_length);
    if (out_length == 0 || memchr(out, 0, out_length) == NULL) /* a backup, a spreadsheet */
        check_text(out, out_length);
    must(!cli.json || status < EXIT_USAGE || has_error_object(out, out_length));
    must(status == EXIT_DONE || status == EXIT_REFUSED || hash_equal(&before, &after));
    if (!hash_equal(&before, &after))
        book_restore();
    free(out);
    free(err);
}

static void clean(void)
{
    DIR *folder = opendir(stage.folder);
    unsigned files = 0;
    must(folder != NULL);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        files += entry->d_name[0] == '.' && (entry->d_name[1] == '\0' || entry->d_name[1] == '.') ? 0 : 1;
    closedir(folder);
    if (files > 0)
        shell("rm -rf '%s' && mkdir '%s'", stage.folder, stage.folder);
    stage.files = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS_MAX + 2] = {fuzz_text((const uint8_t *)"countersign", 11)};
    int count = 1;
    if (!stage.open)
        stage_open();
    while (size > 0 && count <= WORDS_MAX) {
        const uint8_t *end = memchr(data, '\0', size);
        size_t length = end != NULL ? (size_t)(end - data) : size;
        words[count++] = word_of(data, length);
        size -= end != NULL ? length + 1 : length;
        data += end != NULL ? length + 1 : length;
    }
    if (may_run(words, count)) {
        must(chdir(stage.folder) == 0);
        run(count, words);
        must(fchdir(stage.here) == 0);
    }
    clean();
    for (int i = 0; i < count; i++)
        free(words[i]);
    return 0;
}
