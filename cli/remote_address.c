/*
 * Addresses of servers, taken apart. Hosts and users that begin with '-' would be options of ssh, so they are none here.
 */
#include "cli/remote_address.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char unix_scheme[] = "unix:", ssh_scheme[] = "ssh://";
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

enum { PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

bool remote_address_is(const char *text)
{
    return strncmp(text, unix_scheme, sizeof unix_scheme - 1) == 0 ||
           strncmp(text, ssh_scheme, sizeof ssh_scheme - 1) == 0;
}

/* Plain letters and digits, and after the first character those besides. */
static bool is_word(const char *text, size_t length, size_t max, const char *besides)
{
    if (length == 0 || length > max || text[0] == '\0' || strchr(plain, text[0]) == NULL)
        return false;
    for (size_t i = 1; i < length; i++) {
        if (text[i] == '\0' || (strchr(plain, text[i]) == NULL && strchr(besides, text[i]) == NULL))
            return false;
    }
    return true;
}

bool remote_name_is_good(const char *text, size_t length)
{
    return is_word(text, length, REMOTE_NAME_BYTES_MAX, "._-");
}

static bool take(char *ret_text, const char *text, size_t length)
{
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
    return true;
}

/* "[2001:db8::1%eth0]" or a name; *ret_used: its characters. */
static bool take_host(const char *text, size_t length, struct remote_address *address, size_t *ret_used)
{
    static const char digits[] = "0123456789abcdefABCDEF:";
    if (length > 2 && text[0] == '[') {
        const char *close = memchr(text, ']', length);
        size_t inner = close != NULL ? (size_t)(close - text) - 1 : 0;
        if (inner == 0 || inner > REMOTE_HOST_BYTES_MAX || strspn(text + 1, digits) == 0)
            return false;
        for (size_t i = 0; i < inner; i++) {
            if (strchr(plain, text[1 + i]) == NULL && strchr(":.%", text[1 + i]) == NULL)
                return false;
        }
        *ret_used = inner + 2;
        return take(address->host, text + 1, inner);
    }
    const char *colon = memchr(text, ':', length);
    *ret_used = colon != NULL ? (size_t)(colon - text) : length;
    return is_word(text, *ret_used, REMOTE_HOST_BYTES_MAX, "._-") && take(address->host, text, *ret_used);
}

static bool take_port(const char *text, size_t length, struct remote_address *address)
{
    if (length == 0)
        return true;
    if (text[0] != ':' || length < 2 || length > PORT_DIGITS_MAX + 1)
        return false;
    unsigned port = 0;
    for (size_t i = 1; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    address->port = port;
    return port >= 1 && port <= PORT_MAX;
}

static bool take_ssh(const char *text, struct remote_address *address)
{
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : 0, used = 0;
    const char *at = length > 0 ? memchr(text, '@', length) : NULL;
    if (at != NULL) {
        size_t user = (size_t)(at - text);
        if (!is_word(text, user, REMOTE_USER_BYTES_MAX, "._-"))
            return false;
        take(address->user, text, user);
        length -= user + 1;
        text = at + 1;
    }
    return slash != NULL && take_host(text, length, address, &used) && take_port(text + used, length - used, address) &&
           remote_name_is_good(slash + 1, strlen(slash + 1)) && take(address->name, slash + 1, strlen(slash + 1));
}

enum status remote_address_parse(const char *text, struct remote_address *ret_address, struct err *err)
{
    struct remote_address address = {.ssh = strncmp(text, ssh_scheme, sizeof ssh_scheme - 1) == 0};
    if (address.ssh) {
        if (!take_ssh(text + sizeof ssh_scheme - 1, &address))
            return err_set(err, STATUS_INPUT,
                           "'%.128s' is no address: ssh://host/name, or ssh://user@host:port/name, where name is "
                           "letters, digits and . _ -",
                           text);
    } else {
        const char *path = text + sizeof unix_scheme - 1;
        if (strncmp(text, unix_scheme, sizeof unix_scheme - 1) != 0 || path[0] == '\0')
            return err_set(err, STATUS_INPUT, "'%.128s' is no address: unix:/path/of/the/socket", text);
        if (strlen(path) > REMOTE_PATH_BYTES_MAX)
            return err_set(err, STATUS_INPUT, "%.64s...: the path of a socket has at most %d bytes", text,
                           REMOTE_PATH_BYTES_MAX);
        take(address.path, path, strlen(path));
    }
    *ret_address = address;
    return STATUS_OK;
}
