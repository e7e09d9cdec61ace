/*
 * What happens in a simulated world: step n of seed s is always the same random numbers, whatever was done before it, so that any
 * part of a run can be taken again. What they mean depends on who and what is there by then.
 */
#ifndef TESTS_SIM_STEPS_H
#define TESTS_SIM_STEPS_H

#include "tests/sim/world.h"

void sim_step(struct sim_world *world, int step);

#endif
