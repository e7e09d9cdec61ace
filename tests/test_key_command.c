/*
 * countersign key new: writes both files once, answers the key in words and in JSON, and tells no passphrase.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "ledger/keyfile.h"
#include "tests/support/cli_stub.h"

static char folder[64];
static char key_path[100];
static char pub_path[100];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/countersign_key_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(key_path, sizeof key_path, "%s/maria.key", folder);
    snprintf(pub_path, sizeof pub_path, "%s/maria.key.pub", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(key_path);
    unlink(pub_path);
    return rmdir(folder);
}

static int run_key_new(struct cli_stub *stub, const char *kdf, const char *extra)
{
    static const char line[] = "hunter22\n";
    char number[20];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], line, sizeof line - 1), (ssize_t)sizeof line - 1);
    close(ends[1]);
    snprintf(number, sizeof number, "%d", ends[0]);
    const char *const words[] = {"key", "new", "--key", key_path, "--passphrase-fd", number, "--kdf", kdf, extra, NULL};
    int answer = cli_stub_run(stub, words);
    close(ends[0]);
    assert_null(strstr(cli_stub_out(stub), "hunter22"));
    assert_null(strstr(cli_stub_err(stub), "hunter22"));
    return answer;
}

static void a_key_is_made_once(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct stat facts;
    struct signer signer = {0};
    struct err err;
    char text[PUBLIC_KEY_TEXT_MAX];
    cli_stub_init(&stub);
    assert_int_equal(run_key_new(&stub, "cheap", NULL), EXIT_USAGE);
    assert_string_equal(cli_stub_err(&stub), "countersign: --kdf is one of moderate, interactive, minimal\n");
    cli_stub_clear(&stub);
    assert_int_equal(run_key_new(&stub, "minimal", NULL), EXIT_DONE);
    assert_int_equal(stat(key_path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(stat(pub_path, &facts), 0);
    assert_int_equal(keyfile_open(key_path, "hunter22", 8, &signer, &err), STATUS_OK);
    sshkey_format(&signer.key, text);
    assert_non_null(strstr(cli_stub_out(&stub), text));
    assert_non_null(strstr(cli_stub_out(&stub), "SHA256:"));
    signer_close(&signer);
    cli_stub_clear(&stub);
    assert_int_equal(run_key_new(&stub, "minimal", NULL), EXIT_USAGE);
    assert_string_equal(cli_stub_out(&stub), "");
    cli_stub_done(&stub);
}

static void the_answer_is_json_when_asked(void **state)
{
    (void)state;
    struct cli_stub stub;
    unlink(key_path);
    unlink(pub_path);
    cli_stub_init(&stub);
    assert_int_equal(run_key_new(&stub, "minimal", "--json"), EXIT_DONE);
    json_t *answer = json_loads(cli_stub_out(&stub), JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(answer, "key_file")), key_path);
    assert_int_equal(strncmp(json_string_value(json_object_get(answer, "public_key")), "ssh-ed25519 ", 12), 0);
    assert_int_equal(strncmp(json_string_value(json_object_get(answer, "fingerprint")), "SHA256:", 7), 0);
    assert_int_equal(json_object_size(answer), 3);
    json_decref(answer);
    cli_stub_done(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_once),
        cmocka_unit_test(the_answer_is_json_when_asked),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder) != 0;
}
