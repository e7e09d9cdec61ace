/*
 * The program's entry: hands the arguments to the table of commands.
 */
#include "cli/commands.h"
#include "cli/run.h"
#include "cli/system.h"

int main(int argc, char *argv[])
{
    struct cli cli;
    int answer = system_start(&commands, argv, &cli);
    return answer == EXIT_DONE ? cli_run(&cli, argc, argv) : answer;
}
