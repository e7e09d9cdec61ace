/*
 * The catalogue of controls as a text: controls/CATALOGUE.md is what this prints.
 */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include <stdio.h>

#include "controls/control.h"

/* "preventive", "detective", "preventive and detective". Lends for ever. */
const char *catalogue_type(enum control_type type);

/* "documents when submitted and posted" and so on, of the stages' bits. */
enum { STAGES_BYTES = 256 };
void catalogue_stages(unsigned stages, char ret_text[static STAGES_BYTES]);

/* Markdown: every row of the table of controls with all its members. */
void catalogue_print(FILE *out);

#endif
