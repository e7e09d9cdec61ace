/*
 * Members that contracts, reads and corrections of reads share.
 */
#ifndef CONTROLS_METER_FORM_H
#define CONTROLS_METER_FORM_H

#include "ledger/schema.h"

extern const char *const meter_words[];        /* bw colour large scan */
extern const char *const meter_source_words[]; /* remote customer technician estimated manual */
extern const struct schema
    meter_replaced_schema; /* {final, start}: the old counter's last value, the new one's first */

#endif
