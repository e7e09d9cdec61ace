/*
 * The model's documents and files as JSON, and the names of what is in them.
 */
#ifndef TESTS_SIM_DOCUMENTS_H
#define TESTS_SIM_DOCUMENTS_H

#include <jansson.h>

#include "tests/sim/world.h"

/* New references. */
json_t *sim_document_new(struct sim_world *world, const struct sim_content *content);
json_t *sim_file_new(const struct sim_file *file); /* the body of a feed */
json_t *sim_date_new(int date);
json_t *sim_person_new(int person);

const char *sim_user_name(int user, char ret_text[static 24]);
const char *sim_key_name(int key, char ret_text[static 24]); /* of the company's user whose signer it is */
const char *sim_legal(const struct sim_model *model, int document, char ret_text[static 32]);
const char *sim_amount(int64_t minor, char ret_text[static 32]);

#endif
