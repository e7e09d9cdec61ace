/*
 * Form of what a statement holds, told where it lies, without a tree: what judge_check_form says of the tree.
 */
#ifndef CONTROLS_FORM_H
#define CONTROLS_FORM_H

#include <stdbool.h>

struct statement_look;

/* True where judge_check_form says OK. False may also mean that it takes a tree to tell. */
bool form_holds(const struct statement_look *look);

#endif
