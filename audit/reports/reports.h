/*
 * The reports, one file each: report_rNN in rNN_title.c; those whose ids begin with
 * another letter alike. Only the table in audit/report/table.c reads this.
 */
#ifndef AUDIT_REPORTS_REPORTS_H
#define AUDIT_REPORTS_REPORTS_H

#include "audit/report/report.h"

extern const struct report report_l01;
extern const struct report report_p01;
extern const struct report report_r01;
extern const struct report report_r02;
extern const struct report report_r03;
extern const struct report report_r04;
extern const struct report report_r05;
extern const struct report report_r06;
extern const struct report report_r07;
extern const struct report report_r08;
extern const struct report report_r09;
extern const struct report report_r10;
extern const struct report report_r11;
extern const struct report report_r12;
extern const struct report report_r13;
extern const struct report report_r14;
extern const struct report report_r15;
extern const struct report report_r16;
extern const struct report report_r17;
extern const struct report report_r18;
extern const struct report report_r19;
extern const struct report report_r20;
extern const struct report report_s01;

#endif
