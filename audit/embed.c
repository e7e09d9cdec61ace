/*
 * The bytes of embedded files lie between symbols that the linker makes of their paths (Makefile: audit/embed).
 */
#include "audit/embed.h"

#define EMBEDDED(name)                                                                                                 \
    extern const char _binary_audit_embed_##name##_start[], _binary_audit_embed_##name##_end[];                        \
    struct slice embed_##name(void)                                                                                    \
    {                                                                                                                  \
        return slice_of(_binary_audit_embed_##name##_start,                                                            \
                        (size_t)(_binary_audit_embed_##name##_end - _binary_audit_embed_##name##_start));              \
    }

EMBEDDED(book_sql)
EMBEDDED(book_feeds_sql)
EMBEDDED(book_fill_sql)
EMBEDDED(book_views_sql)
EMBEDDED(ads_sql)
EMBEDDED(report_css)
EMBEDDED(evidence_html)
