/*
 * The table of controls, in catalogue order: what `countersign controls` prints, what CATALOGUE.md is made from, what the
 * gate and the auditor's replay ask.
 */
#include "controls/control.h"

extern const struct control control_c01, control_c02, control_c03, control_c04, control_c06, control_c07, control_c08,
    control_c10, control_c11, control_c12, control_c13, control_c20, control_c22, control_c25, control_c26, control_c27,
    control_c31, control_c32, control_c34, control_c35, control_c37, control_c38, control_c40, control_c43, control_c44,
    control_c52, control_c53, control_c54;

const struct control *const controls[] = {
    &control_c01, &control_c02, &control_c03, &control_c04, &control_c06, &control_c07, &control_c08,
    &control_c10, &control_c11, &control_c12, &control_c13, &control_c20, &control_c22, &control_c25,
    &control_c26, &control_c27, &control_c31, &control_c32, &control_c34, &control_c35, &control_c37,
    &control_c38, &control_c40, &control_c43, &control_c44, &control_c52, &control_c53, &control_c54,
};
const size_t control_count = sizeof controls / sizeof controls[0];
