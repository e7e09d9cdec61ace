/*
 * See cli_stub.h. Failures here end the test program: they are not what is tested.
 */
#include "tests/support/cli_stub.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/run.h"

static int64_t stub_now_ms(void *context)
{
    return ((struct cli_stub *)context)->now_ms;
}

static int64_t stub_monotonic_us(void *context)
{
    return ((struct cli_stub *)context)->monotonic_us;
}

static void counting_bytes(void *context, void *bytes, size_t length)
{
    (void)context;
    for (size_t i = 0; i < length; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)i;
}

static void open_streams(struct cli_stub *stub)
{
    stub->cli.out = open_memstream(&stub->out_text, &stub->out_length);
    stub->cli.err = open_memstream(&stub->err_text, &stub->err_length);
    if (stub->cli.out == NULL || stub->cli.err == NULL)
        abort();
}

static void close_streams(struct cli_stub *stub)
{
    fclose(stub->cli.out);
    fclose(stub->cli.err);
    free(stub->out_text);
    free(stub->err_text);
}

void cli_stub_init(struct cli_stub *stub)
{
    memset(stub, 0, sizeof *stub);
    stub->cli.in = stdin;
    stub->cli.now_ms = stub_now_ms;
    stub->cli.monotonic_us = stub_monotonic_us;
    stub->cli.clock_context = stub;
    stub->cli.random = (struct random_source){.fill = counting_bytes};
    stub->cli.commands = &commands;
    open_streams(stub);
}

const char *cli_stub_out(struct cli_stub *stub)
{
    fflush(stub->cli.out);
    return stub->out_text;
}

const char *cli_stub_err(struct cli_stub *stub)
{
    fflush(stub->cli.err);
    return stub->err_text;
}

void cli_stub_clear(struct cli_stub *stub)
{
    close_streams(stub);
    open_streams(stub);
}

void cli_stub_done(struct cli_stub *stub)
{
    close_streams(stub);
}

int cli_stub_run(struct cli_stub *stub, const char *const words[])
{
    char *argv[64] = {"countersign"};
    int argc = 1;
    for (; words[argc - 1] != NULL && argc < 63; argc++)
        argv[argc] = strdup(words[argc - 1]);
    int answer = cli_run(&stub->cli, argc, argv);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
    return answer;
}
