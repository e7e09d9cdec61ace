/*
 * The facts of the gate that come from the system: the executable's hash and the account's name.
 */
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/release.h"
#include "ledger/hash.h"
#include "ledger/text.h"

/* The start of the SHA-256 of the program that runs; zeros where the system does not tell. */
static enum status read_exe(char ret_hex[static EXE_HEX_CHARS + 1], struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    struct stat about;
    enum status status = STATUS_OK;
    snprintf(ret_hex, EXE_HEX_CHARS + 1, "%016d", 0);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return STATUS_OK;
    if (fstat(fd, &about) == 0 && about.st_size > 0) {
        size_t length = (size_t)about.st_size;
        void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            hash_of(bytes, length, &hash);
            hash_to_hex(&hash, hex);
            memcpy(ret_hex, hex, EXE_HEX_CHARS);
            (void)munmap(bytes, length);
        } else {
            status = err_set(err, STATUS_MEMORY, "no memory to hash this program in: %s", strerror(errno));
        }
    }
    (void)close(fd);
    return status;
}

/* The account's name where it is an id, else its number. */
static enum status name_os_user(char ret_user[static ID_BYTES_MAX + 1], struct err *err)
{
    errno = 0;
    const struct passwd *account = getpwuid(getuid());
    if (account == NULL && errno == ENOMEM)
        return err_set(err, STATUS_MEMORY, "no memory for the name of the system's account");
    const char *name = account != NULL ? account->pw_name : "";
    if (text_is_id(name, strlen(name)))
        snprintf(ret_user, ID_BYTES_MAX + 1, "%s", name);
    else
        snprintf(ret_user, ID_BYTES_MAX + 1, "uid-%u", (unsigned)getuid());
    return STATUS_OK;
}

enum status program_identify(struct program *ret_program, bool hash_exe, struct err *err)
{
    enum status status = STATUS_OK;
    if (hash_exe)
        status = read_exe(ret_program->exe, err);
    else
        snprintf(ret_program->exe, sizeof ret_program->exe, "%016d", 0);
    if (status == STATUS_OK)
        status = name_os_user(ret_program->os_user, err);
    if (status != STATUS_OK)
        return status;
    ret_program->facts = (struct gate_facts){
        .release = COUNTERSIGN_RELEASE, .exe = ret_program->exe, .mode = "embedded", .os_user = ret_program->os_user};
    return STATUS_OK;
}
