/*
 * The table of controls, in catalogue order: what `countersign controls` prints, what CATALOGUE.md is made from, what the
 * gate and the auditor's replay ask.
 */
#include "controls/control.h"

/* One row a line. */
/* clang-format off */
extern const struct control control_c01;
extern const struct control control_c02;
extern const struct control control_c03;
extern const struct control control_c04;
extern const struct control control_c05;
extern const struct control control_c06;
extern const struct control control_c07;
extern const struct control control_c08;
extern const struct control control_c09;
extern const struct control control_c10;
extern const struct control control_c11;
extern const struct control control_c12;
extern const struct control control_c13;
extern const struct control control_c14;
extern const struct control control_c15;
extern const struct control control_c16;
extern const struct control control_c17;
extern const struct control control_c18;
extern const struct control control_c19;
extern const struct control control_c20;
extern const struct control control_c22;
extern const struct control control_c23;
extern const struct control control_c24;
extern const struct control control_c25;
extern const struct control control_c26;
extern const struct control control_c27;
extern const struct control control_c28;
extern const struct control control_c29;
extern const struct control control_c30;
extern const struct control control_c31;
extern const struct control control_c32;
extern const struct control control_c33;
extern const struct control control_c34;
extern const struct control control_c35;
extern const struct control control_c36;
extern const struct control control_c37;
extern const struct control control_c38;
extern const struct control control_c39;
extern const struct control control_c40;
extern const struct control control_c41;
extern const struct control control_c42;
extern const struct control control_c43;
extern const struct control control_c44;
extern const struct control control_c51;
extern const struct control control_c52;
extern const struct control control_c53;
extern const struct control control_c54;

const struct control *const controls[] = {
    &control_c01,
    &control_c02,
    &control_c03,
    &control_c04,
    &control_c05,
    &control_c06,
    &control_c07,
    &control_c08,
    &control_c09,
    &control_c10,
    &control_c11,
    &control_c12,
    &control_c13,
    &control_c14,
    &control_c15,
    &control_c16,
    &control_c17,
    &control_c18,
    &control_c19,
    &control_c20,
    &control_c22,
    &control_c23,
    &control_c24,
    &control_c25,
    &control_c26,
    &control_c27,
    &control_c28,
    &control_c29,
    &control_c30,
    &control_c31,
    &control_c32,
    &control_c33,
    &control_c34,
    &control_c35,
    &control_c36,
    &control_c37,
    &control_c38,
    &control_c39,
    &control_c40,
    &control_c41,
    &control_c42,
    &control_c43,
    &control_c44,
    &control_c51,
    &control_c52,
    &control_c53,
    &control_c54,
};
/* clang-format on */
const size_t control_count = sizeof controls / sizeof controls[0];
