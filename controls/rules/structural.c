/*
 * Controls that no rule judges because the structure keeps them: each row names the test that proves it.
 */
#include "controls/rules/common.h"

const struct control control_c53 = {
    .id = "C-53",
    .title = "Chain integrity and completeness",
    .objective = "Any change, gap or reordering shows, decisions included",
    .assertion = "completeness, existence",
    .type = CONTROL_DETECTIVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 13, 16; COBIT DSS06.05",
    .codes = "",
    .proof = "tests/test_verify.c: every byte of every entry flipped, each found and named",
};

const struct control control_c54 = {
    .id = "C-54",
    .title = "Fail-stop logging",
    .objective = "No record, no effect",
    .assertion = "existence",
    .type = CONTROL_PREVENTIVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 11, 13; COBIT DSS06.02",
    .codes = "",
    .proof = "tests/test_crash.c: killed at every durable call; tests/test_gate.c: no entry, no effect in the books",
};
