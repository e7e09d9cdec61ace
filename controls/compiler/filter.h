/*
 * What may reach the YAML parser.
 */
#ifndef CONTROLS_COMPILER_FILTER_H
#define CONTROLS_COMPILER_FILTER_H

#include "controls/compiler/report.h"

/*
 * Reports everything in the source that the parser must not see: bytes that are not UTF-8, control characters other
 * than the line feed, the code points that FORMAT 1 forbids, directives, and more than POLICY_YAML_BYTES_MAX bytes.
 */
void filter_check(struct findings *findings);

#endif
