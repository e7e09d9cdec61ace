/*
 * Preloaded into a program under test: writes down what its memory holds at the moments that matter, and which secrets passed, so
 * that a driver can look for the one in the other. Nothing is copied within the process on the way: what is found was there.
 *
 *     SECRETPOINT_DIR   folder for the files:
 *         secrets       each seed of a key, and each key made of a passphrase, as libsodium was given or gave it: a byte for its length
 *                       and then the bytes
 *         NUMBER.MOMENT.memory and NUMBER.MOMENT.regions   what could be read of the process's own memory, and a line for each
 *                       region of it: its length there, then its line and its flags in /proc/self/smaps
 *
 * Moments: use (before each signature), done (after it), exit, and asked (SIGUSR2). Maps of files that are shared are passed by:
 * those stand on disk.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMAPS_BYTES_MAX = 4 << 20 };

static char smaps[SMAPS_BYTES_MAX];
static atomic_int moments, busy;

static int file_at(const char *name, int flags)
{
    char path[4096];
    const char *dir = getenv("SECRETPOINT_DIR");
    if (dir == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
}

static void note_secret(const void *bytes, size_t length)
{
    uint8_t size = (uint8_t)length;
    int fd = file_at("secrets", O_APPEND);
    if (fd < 0)
        return;
    (void)!write(fd, &size, 1);
    (void)!write(fd, bytes, length);
    close(fd);
}

static size_t read_smaps(void)
{
    size_t used = 0;
    int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    for (ssize_t got = 1; fd >= 0 && got > 0 && used < sizeof smaps - 1; used += (size_t)got)
        if ((got = read(fd, smaps + used, sizeof smaps - 1 - used)) < 0)
            got = 0;
    close(fd);
    smaps[used] = '\0';
    return used;
}

/* One region: its bytes straight from where they stand. Answers how many the kernel could read. */
static size_t write_region(int fd, unsigned long begin, unsigned long end)
{
    size_t done = 0;
    while (begin + done < end) {
        ssize_t put = write(fd, (const void *)(begin + done), end - begin - done);
        if (put <= 0)
            break;
        done += (size_t)put;
    }
    return done;
}

static void dump(const char *moment)
{
    char name[128], head[512] = "";
    unsigned long begin = 0, end = 0;
    char rights[8] = "";
    if (atomic_exchange(&busy, 1) != 0)
        return;
    int number = atomic_fetch_add(&moments, 1);
    snprintf(name, sizeof name, "%d.%d.%s.memory", (int)getpid(), number, moment);
    int memory = file_at(name, O_TRUNC);
    snprintf(name, sizeof name, "%d.%d.%s.regions", (int)getpid(), number, moment);
    int regions = file_at(name, O_TRUNC);
    if (memory >= 0 && regions >= 0 && read_smaps() > 0)
        for (char *line = strtok(smaps, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            unsigned long first = 0, last = 0;
            char mode[8];
            if (sscanf(line, "%lx-%lx %7s", &first, &last, mode) == 3) {
                begin = first;
                end = last;
                memcpy(rights, mode, sizeof rights);
                snprintf(head, sizeof head, "%s", line);
            } else if (strncmp(line, "VmFlags:", 8) == 0 && rights[0] == 'r' && rights[3] == 'p') {
                size_t length = write_region(memory, begin, end);
                dprintf(regions, "%zu %s |%s\n", length, head, line + 8);
            }
        }
    close(memory);
    close(regions);
    atomic_store(&busy, 0);
}

#define NEXT(name)                                                                                                     \
    __typeof__(name) *next = NULL;                                                                                     \
    void *symbol = dlsym(RTLD_NEXT, #name);                                                                            \
    memcpy(&next, &symbol, sizeof next)

int crypto_sign_ed25519_seed_keypair(unsigned char *public, unsigned char *secret, const unsigned char *seed)
{
    NEXT(crypto_sign_ed25519_seed_keypair);
    note_secret(seed, crypto_sign_ed25519_SEEDBYTES);
    return next(public, secret, seed);
}

int crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *length, const unsigned char *message,
                                 unsigned long long message_length, const unsigned char *secret)
{
    NEXT(crypto_sign_ed25519_detached);
    dump("use");
    int answer = next(signature, length, message, message_length, secret);
    dump("done");
    return answer;
}

int crypto_pwhash(unsigned char *const out, unsigned long long out_length, const char *const passphrase,
                  unsigned long long length, const unsigned char *const salt, unsigned long long operations,
                  size_t memory, int algorithm)
{
    NEXT(crypto_pwhash);
    int answer = next(out, out_length, passphrase, length, salt, operations, memory, algorithm);
    if (answer == 0)
        note_secret(out, (size_t)out_length);
    return answer;
}

static void asked(int number)
{
    (void)number;
    dump("asked");
}

__attribute__((constructor)) static void start(void)
{
    if (getenv("SECRETPOINT_DIR") != NULL)
        (void)signal(SIGUSR2, asked);
}

__attribute__((destructor)) static void end(void)
{
    if (getenv("SECRETPOINT_DIR") != NULL)
        dump("exit");
}
