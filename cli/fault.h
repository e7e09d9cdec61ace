/*
 * What is said when the program faults while it reads a book: LMDB maps its files, so a page that points nowhere ends the
 * process that follows it.
 */
#ifndef CLI_FAULT_H
#define CLI_FAULT_H

/*
 * From now on a fault in this process (a page that is not there, an assertion of LMDB's) ends it with EXIT_INTEGRITY and a
 * line that says what to do, instead of a signal.
 */
void fault_tell(void);

#endif
