/*
 * A cluster for one round (cluster.h). PostgreSQL does not run as root: there it runs as postgres, or as nobody. Such a user
 * may have no right to pass through the directories above the round's, so both sides name the cluster through a descriptor of
 * their own, /proc/self/fd/N: that needs none, and a socket's name stays short enough.
 *
 * What is set beside the defaults, and why (all of it keeps every commit durable: fsync, synchronous_commit and
 * full_page_writes stay on): memory for the pages of a round; no replication, so that the log has no more in it than recovery
 * needs; a log long enough that no checkpoint falls into a round; and no compilation of queries.
 */
#include "tests/bench/peer/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/peer/work.h"

#define PROGRAMS  "/usr/lib/postgresql/15/bin/"
#define DIRECTORY "/proc/self/fd/40" /* HANDED */

enum { HANDED = 40, PATH_MAX_HERE = 4096, TRIES = 6000, TRY_US = 10000 };

/* What runs for us, to be ended with us; 0: nothing. A signal's handler reads it. */
static volatile sig_atomic_t running;
static int directory = -1; /* the cluster's */

bool peer_cluster_installed(void)
{
    return access(PROGRAMS "postgres", X_OK) == 0 && access(PROGRAMS "initdb", X_OK) == 0;
}

/* Immediate: what a round wrote is not wanted any more. initdb takes it for an end as well. */
static void end_at_once(int signal_number)
{
    if (running != 0 && kill((pid_t)running, SIGQUIT) == 0)
        (void)waitpid((pid_t)running, NULL, 0);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static void end_at_exit(void)
{
    if (running != 0 && kill((pid_t)running, SIGQUIT) == 0)
        (void)waitpid((pid_t)running, NULL, 0);
    running = 0;
}

static void end_with_us(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    static bool done;
    struct sigaction action = {.sa_handler = end_at_once};
    if (done)
        return;
    done = true;
    (void)sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &action, NULL);
    if (atexit(end_at_exit) != 0)
        peer_fail("no memory for what ends PostgreSQL");
}

static const struct passwd *server_user(void)
{
    const struct passwd *user = getpwnam("postgres");
    return user != NULL ? user : getpwnam("nobody");
}

static void cluster_path(const char *dir, const char *name, char ret_path[static PATH_MAX_HERE])
{
    if (snprintf(ret_path, PATH_MAX_HERE, "%s/%s", dir, name) >= PATH_MAX_HERE)
        peer_fail("%s: the path is too long", dir);
}

bool peer_cluster_there(const char *dir)
{
    char path[PATH_MAX_HERE];
    cluster_path(dir, "cluster", path);
    return access(path, F_OK) == 0;
}

/* In the child: never returns. */
static void become(const char *const arguments[], int log, pid_t parent)
{
    const struct passwd *user = geteuid() == 0 ? server_user() : NULL;
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;
    (void)sigemptyset(&none);
    if (dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || dup2(directory, HANDED) < 0 ||
        chdir("/") != 0 || setsid() < 0)
        _exit(126);
    if (user != NULL &&
        (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(126);
    (void)umask(077);
    /* Also where we are killed. A user's own settings of PostgreSQL are none of the round's. */
    if (prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || getppid() != parent || clearenv() != 0 ||
        setenv("PATH", "/usr/bin:/bin", 1) != 0 || setenv("LC_ALL", "C", 1) != 0)
        _exit(126);
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execv(arguments[0], (char *const *)arguments);
    _exit(127);
}

static void spawn(const char *dir, const char *const arguments[])
{
    char path[PATH_MAX_HERE];
    sigset_t all, before;
    const pid_t parent = getpid();
    cluster_path(dir, "cluster.log", path);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0)
        peer_fail("%s: %s", path, strerror(errno));
    end_with_us();
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        become(arguments, log, parent);
    running = pid > 0 ? pid : 0;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)close(log);
    if (pid < 0)
        peer_fail("%s does not start: %s", arguments[0], strerror(errno));
}

void peer_cluster_make(const char *dir)
{
    static const char *const arguments[] = {PROGRAMS "initdb", "-D", DIRECTORY, "-U",          "bench", "-A",
                                            "trust",           "-E", "UTF8",    "--no-locale", NULL};
    const struct passwd *user = server_user();
    char path[PATH_MAX_HERE];
    int ended = 0;
    cluster_path(dir, "cluster", path);
    if (mkdir(path, 0700) != 0)
        peer_fail("%s: %s", path, strerror(errno));
    if (geteuid() == 0 && (user == NULL || chown(path, user->pw_uid, user->pw_gid) != 0))
        peer_fail("%s: cannot be given to postgres or nobody, and PostgreSQL does not run as root", path);
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        peer_fail("%s: %s", path, strerror(errno));
    spawn(dir, arguments);
    if (waitpid((pid_t)running, &ended, 0) != (pid_t)running || !WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
        peer_fail("initdb failed in %s; %s.log says why", path, path);
    running = 0;
    (void)close(directory);
}

static void wait_until_it_answers(const char *dir, const char *info)
{
    for (int tries = 0; tries < TRIES; tries++) {
        int ended = 0;
        if (waitpid((pid_t)running, &ended, WNOHANG) == (pid_t)running) {
            running = 0;
            peer_fail("PostgreSQL did not start; %s/cluster.log says why", dir);
        }
        if (PQping(info) == PQPING_OK)
            return;
        (void)usleep(TRY_US);
    }
    peer_fail("PostgreSQL in %s/cluster does not answer; %s/cluster.log says why", dir, dir);
}

void peer_cluster_start(const char *dir, char ret_info[static PEER_CLUSTER_INFO_MAX])
{
    static const char *const arguments[] = {PROGRAMS "postgres",
                                            "-D",
                                            DIRECTORY,
                                            "--unix_socket_directories=.",
                                            "--listen_addresses=",
                                            "--port=5432",
                                            "--shared_buffers=512MB",
                                            "--wal_level=minimal",
                                            "--max_wal_senders=0",
                                            "--min_wal_size=1GB",
                                            "--max_wal_size=8GB",
                                            "--checkpoint_timeout=1h",
                                            "--wal_buffers=64MB",
                                            "--jit=off",
                                            "--update_process_title=off",
                                            "--max_connections=80",
                                            NULL};
    char path[PATH_MAX_HERE];
    cluster_path(dir, "cluster", path);
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        peer_fail("%s: %s", path, strerror(errno));
    spawn(dir, arguments);
    snprintf(ret_info, PEER_CLUSTER_INFO_MAX, "host=/proc/self/fd/%d port=5432 user=bench dbname=postgres options=''",
             directory);
    wait_until_it_answers(dir, ret_info);
}

void peer_cluster_stop(void)
{
    if (running != 0 && kill((pid_t)running, SIGINT) == 0)
        (void)waitpid((pid_t)running, NULL, 0);
    running = 0;
    (void)close(directory);
}
