/*
 * What an entry says that is judged in order, out of what was looked at or out of its tree.
 */
#ifndef AUDIT_VERIFY_ITEM_FACTS_H
#define AUDIT_VERIFY_ITEM_FACTS_H

#include <stdbool.h>

struct entry_look;
struct verify_item;

/* Facts and results of an entry that was looked at and is sound. False: it takes a tree to tell, or there is no memory. */
bool item_facts_look(struct verify_item *item, const struct entry_look *look);

/* Facts of item->entry; and where the item is sound, its results. The item is starved where there is no memory for them. */
void item_facts_take(struct verify_item *item);

#endif
