/*
 * The release that this program is: what decisions record and --version prints.
 */
#ifndef CLI_RELEASE_H
#define CLI_RELEASE_H

#define COUNTERSIGN_RELEASE "0.1.0"

#endif
