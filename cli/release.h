/*
 * The release that this program is: what decisions record, --version prints, and the package and the manual are named and
 * dated by. The one place for it; the build reads the two lines below as text.
 */
#ifndef CLI_RELEASE_H
#define CLI_RELEASE_H

#define COUNTERSIGN_RELEASE "0.2.0"
#define COUNTERSIGN_DATE    "2026-11-22"

#endif
