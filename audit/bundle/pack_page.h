/*
 * evidence.html of a bundle: the page that is built in, with the bundle's files inside it.
 */
#ifndef AUDIT_PACK_PAGE_H
#define AUDIT_PACK_PAGE_H

#include <stdint.h>

#include "audit/bundle/pack_folder.h"
#include "ledger/slice.h"
#include "ledger/status.h"

#define PACK_PAGE_BYTES_MAX ((uint64_t)32 << 20) /* what the page carries in itself; BUNDLE.md section 5 */

/*
 * Writes the page of template with the folder's files, or, beyond the bytes it may carry, without.
 *
 * in      template: has one element <script type="application/json" id="bundle"></script>, empty.
 * errors  INPUT (a template without it), FULL, IO, MEMORY.
 */
MUST_USE enum status pack_page_write(struct pack_folder *folder, struct slice template, uint64_t carried_max,
                                     struct err *err);

#endif
