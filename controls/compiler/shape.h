/*
 * From the tree of a policy's YAML to the compiled form, with a mark for each value.
 */
#ifndef CONTROLS_COMPILER_SHAPE_H
#define CONTROLS_COMPILER_SHAPE_H

#include <jansson.h>

#include "controls/compiler/marks.h"
#include "controls/compiler/report.h"
#include "controls/compiler/yaml.h"

/*
 * Fills in defaults, expands ranges, spans and zones, and sorts the lists. Reports unknown and missing keys and what is
 * not of the right type; grammar, references and meaning are policy_check's.
 *
 * in      root, the topmost map.
 * out     *ret_compiled: gives the compiled form; NULL when a value could not be made (then findings says why).
 *         *marks is added to.
 * errors  MEMORY.
 */
MUST_USE enum status shape_policy(const struct node *root, struct findings *findings, struct marks *marks,
                                  json_t **ret_compiled, struct err *err);

#endif
