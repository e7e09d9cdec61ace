/*
 * Who may do what with the files: the book's folder and what lies in it, keys, socket and log of a server, the folders above,
 * the program. Whoever can write the journal's file can go round every control, and whoever can write a folder above it can
 * put another book in its place, so both are for the owner and root alone.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"

/* The mode as far as it lets in anybody else: a group of one is the owner. */
static mode_t open_mode(const struct doctor_file *file)
{
    return file->group_shared ? file->mode : file->mode & ~(mode_t)S_IRWXG;
}

/* One sort of trouble among many files: how many, and the first. */
struct trouble {
    size_t count;
    const struct doctor_file *first;
};

static void trouble_add(struct trouble *trouble, const struct doctor_file *file, bool is_so)
{
    if (is_so && trouble->count++ == 0)
        trouble->first = file;
}

static void trouble_say(struct doctor_report *report, enum doctor_result result, const struct trouble *trouble,
                        const char *what, const char *mend)
{
    if (trouble->count == 1)
        doctor_say(report, result, mend, "%s %s (mode %04o, owner %u)", trouble->first->path, what,
                   (unsigned)(trouble->first->mode & 07777), (unsigned)trouble->first->uid);
    else if (trouble->count > 1)
        doctor_say(report, result, mend, "%s %s (mode %04o, owner %u), and %zu others", trouble->first->path, what,
                   (unsigned)(trouble->first->mode & 07777), (unsigned)trouble->first->uid, trouble->count - 1);
}

/* Troubles of files that belong to one account and are nobody else's. */
struct private_troubles {
    struct trouble written, read, group_written, group_read, foreign, listed, linked, special;
};

static void private_look(struct private_troubles *troubles, const struct doctor_file *file, uid_t owner)
{
    bool link = S_ISLNK(file->mode);
    mode_t mode = open_mode(file);
    trouble_add(&troubles->linked, file, link);
    if (link)
        return; /* the mode of a link says nothing */
    trouble_add(&troubles->written, file, (mode & S_IWOTH) != 0);
    trouble_add(&troubles->read, file, (mode & (S_IROTH | S_IXOTH)) != 0 && (mode & S_IWOTH) == 0);
    trouble_add(&troubles->group_written, file, (mode & S_IWGRP) != 0);
    trouble_add(&troubles->group_read, file, (mode & (S_IRGRP | S_IXGRP)) != 0 && (mode & S_IWGRP) == 0);
    trouble_add(&troubles->foreign, file, file->uid != owner);
    trouble_add(&troubles->listed, file, file->acl);
    trouble_add(&troubles->special, file, (file->mode & (S_ISUID | S_ISGID)) != 0);
}

static void private_say(struct doctor_report *report, const struct private_troubles *troubles)
{
    trouble_say(report, DOCTOR_FINDING, &troubles->written, "can be written by anybody", "chmod o-rwx");
    trouble_say(report, DOCTOR_FINDING, &troubles->read, "can be read or entered by anybody", "chmod o-rwx");
    trouble_say(report, DOCTOR_FINDING, &troubles->group_written,
                "can be written by its group, who could go round the controls",
                "chmod g-w, and a server (countersign serve) for those who share the book");
    trouble_say(report, DOCTOR_ADVICE, &troubles->group_read, "can be read by its group, past every right to read",
                "chmod g-rwx");
    trouble_say(report, DOCTOR_FINDING, &troubles->foreign, "does not belong to the owner of the book's folder",
                "chown it, and find out who made it");
    trouble_say(report, DOCTOR_FINDING, &troubles->listed, "has an access list that lets in more than its mode says",
                "getfacl shows it, setfacl -b removes it");
    trouble_say(report, DOCTOR_FINDING, &troubles->linked, "is a symbolic link: the book is wherever that leads",
                "put the file itself there");
    trouble_say(report, DOCTOR_FINDING, &troubles->special, "has a set-user-id or set-group-id bit", "chmod u-s,g-s");
}

static void judge_part(const struct doctor_facts *facts, enum doctor_part part, enum doctor_part other,
                       struct doctor_report *report)
{
    struct private_troubles troubles = {.written = {0}};
    for (size_t i = 0; i < facts->files.count; i++) {
        const struct doctor_file *file = &facts->files.items[i];
        if (file->part == part || file->part == other)
            private_look(&troubles, file, facts->owner);
    }
    private_say(report, &troubles);
}

void doctor_folder(const struct doctor_facts *facts, struct doctor_report *report)
{
    judge_part(facts, PART_BOOK, PART_BOOK, report);
    if (facts->owner == 0)
        doctor_say(report, DOCTOR_ADVICE, "an account of its own for the book (the package makes `countersign`)",
                   "the book belongs to root, so whatever writes to it runs as root");
}

void doctor_inside(const struct doctor_facts *facts, struct doctor_report *report)
{
    judge_part(facts, PART_INSIDE, PART_PERSONAL, report);
    if (facts->files.cut)
        doctor_say(report, DOCTOR_UNSEEN, "find BOOK ! -user OWNER -o -perm /077",
                   "only the first %d files were looked at", DOCTOR_FILES_MAX);
}

void doctor_keys(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct trouble open = {0}, foreign = {0}, listed = {0}, beside = {0}, odd = {0};
    for (size_t i = 0; i < facts->files.count; i++) {
        const struct doctor_file *file = &facts->files.items[i];
        if (file->part != PART_KEY)
            continue;
        trouble_add(&odd, file, !S_ISREG(file->mode));
        trouble_add(&open, file, S_ISREG(file->mode) && (open_mode(file) & 077) != 0);
        trouble_add(&foreign, file, file->uid != facts->files.reader && file->uid != facts->owner && file->uid != 0);
        trouble_add(&listed, file, file->acl);
        trouble_add(&beside, file, file->with_book);
    }
    trouble_say(report, DOCTOR_FINDING, &open, "is a private key that others can get at", "chmod 600, and a new key");
    trouble_say(report, DOCTOR_FINDING, &foreign, "is a private key that belongs to somebody else",
                "a new key, made by whoever it stands for");
    trouble_say(report, DOCTOR_FINDING, &listed, "is a private key with an access list", "setfacl -b, and a new key");
    trouble_say(report, DOCTOR_FINDING, &beside,
                "is a private key in the book's folder: whoever copies the book has both", "keep it outside");
    trouble_say(report, DOCTOR_FINDING, &odd, "is named as a key and is no regular file", "name the key's own file");
}

void doctor_socket(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct trouble open = {0}, odd = {0}, foreign = {0};
    for (size_t i = 0; i < facts->files.count; i++) {
        const struct doctor_file *file = &facts->files.items[i];
        if (file->part != PART_SOCKET)
            continue;
        trouble_add(&odd, file, !S_ISSOCK(file->mode));
        trouble_add(&open, file, (file->mode & S_IWOTH) != 0);
        trouble_add(&foreign, file, file->uid != facts->owner && file->uid != 0);
    }
    trouble_say(report, DOCTOR_FINDING, &odd, "is no socket", "name the server's socket");
    trouble_say(report, DOCTOR_FINDING, &foreign, "is a socket of somebody else's: who answers there is not this book",
                "find out who listens; clients compare the book's id");
    trouble_say(report, DOCTOR_ADVICE, &open, "lets every account of this machine knock",
                "serve --socket-mode 0660, and a group for those who may");
}

void doctor_log(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct trouble written = {0}, read = {0}, odd = {0};
    for (size_t i = 0; i < facts->files.count; i++) {
        const struct doctor_file *file = &facts->files.items[i];
        if (file->part != PART_LOG)
            continue;
        trouble_add(&odd, file, !S_ISREG(file->mode));
        trouble_add(&written, file, (open_mode(file) & (S_IWOTH | S_IWGRP)) != 0);
        trouble_add(&read, file, (file->mode & S_IROTH) != 0);
    }
    trouble_say(report, DOCTOR_FINDING, &odd, "is no regular file", "name the server's log");
    trouble_say(report, DOCTOR_FINDING, &written, "can be written by others, so it proves nothing", "chmod 640");
    trouble_say(report, DOCTOR_ADVICE, &read, "can be read by anybody", "chmod 640");
}

/* A folder in which others may make and rename names; a sticky one lets them touch only their own. */
static bool others_may_swap(const struct doctor_file *file)
{
    return (open_mode(file) & (S_IWOTH | S_IWGRP)) != 0 && (file->mode & S_ISVTX) == 0 && S_ISDIR(file->mode);
}

void doctor_parents(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct trouble open = {0}, foreign = {0}, listed = {0}, shared = {0};
    for (size_t i = 0; i < facts->files.count; i++) {
        const struct doctor_file *file = &facts->files.items[i];
        if (file->part != PART_PARENT)
            continue;
        trouble_add(&open, file, others_may_swap(file));
        trouble_add(&foreign, file, file->uid != 0 && file->uid != facts->owner);
        trouble_add(&listed, file, file->acl);
        trouble_add(&shared, file, (file->mode & S_IWOTH) != 0 && (file->mode & S_ISVTX) != 0);
    }
    static const char mend[] = "move the book under a folder that only root and its owner can write";
    trouble_say(report, DOCTOR_FINDING, &open, "is above the book, and others could put another folder in its place",
                mend);
    trouble_say(report, DOCTOR_FINDING, &foreign, "is above the book and belongs to somebody else", mend);
    trouble_say(report, DOCTOR_ADVICE, &listed, "is above the book and has an access list", "getfacl shows it");
    trouble_say(report, DOCTOR_ADVICE, &shared, "is above the book and everybody's: it may be cleared by a timer",
                mend);
}

void doctor_program(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct trouble open = {0}, special = {0}, foreign = {0};
    for (size_t i = 0; i < facts->files.count; i++) {
        const struct doctor_file *file = &facts->files.items[i];
        if (file->part != PART_PROGRAM)
            continue;
        trouble_add(&open, file, others_may_swap(file) || (S_ISREG(file->mode) && (open_mode(file) & 022) != 0));
        trouble_add(&special, file, S_ISREG(file->mode) && (file->mode & (S_ISUID | S_ISGID)) != 0);
        trouble_add(&foreign, file, file->uid != 0 && file->uid != facts->owner);
    }
    trouble_say(report, DOCTOR_FINDING, &open, "can be changed by others, and signs and decides for this book",
                "chmod go-w");
    trouble_say(report, DOCTOR_FINDING, &special, "runs with somebody else's rights: it is not made for that",
                "chmod u-s,g-s; a server (countersign serve) for those who share a book");
    trouble_say(report, DOCTOR_ADVICE, &foreign, "belongs to neither root nor the book's owner",
                "install the package, or make install as root");
}

void doctor_leftovers(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct trouble left = {0};
    for (size_t i = 0; i < facts->files.count; i++)
        trouble_add(&left, &facts->files.items[i], facts->files.items[i].part == PART_LEFTOVER);
    trouble_say(report, DOCTOR_ADVICE, &left, "is what a command that was killed left behind",
                "remove it when no command is running");
}
