/** The one clock of both worlds: real, scaled or manual. */
import { z } from 'zod';
import { type ControlRoute, controlRoute } from '../control-route.ts';
import { instantOf, momentOf, momentSchema } from '../schemas/moments.ts';
import type { ControlContext } from './control-context.ts';

const mode = z.enum(['real', 'scaled', 'manual']);
const stateSchema = z.object({ mode, now: z.string(), epochMs: z.int(), rate: z.number() });

export function clockRoutes(context: ControlContext): readonly ControlRoute[] {
  const { clock } = context;
  const state = (): z.input<typeof stateSchema> => {
    const { mode: moves, now, rate } = clock.state();
    return { mode: moves, now: momentOf(now), epochMs: now, rate };
  };
  return [
    controlRoute({
      method: 'GET',
      path: '/clock',
      operationId: 'getClock',
      tag: 'clock',
      summary: 'What time it is in the fake world.',
      answer: stateSchema,
      work: () => state(),
    }),
    controlRoute({
      method: 'PUT',
      path: '/clock',
      operationId: 'setClock',
      tag: 'clock',
      summary: 'Changes how the clock moves, sets it, or moves it on. What falls due on the way happens.',
      body: z.object({
        mode: mode.optional(),
        rate: z.number().positive().max(100_000).optional().describe('fake milliseconds per real one, for scaled'),
        now: momentSchema.optional(),
        advanceMs: z.int().optional(),
      }),
      answer: stateSchema,
      work: ({ body }) => {
        if (body.mode !== undefined || body.rate !== undefined) {
          clock.configure(body.mode ?? clock.mode, body.rate ?? clock.state().rate);
        }
        if (body.now !== undefined) clock.set(instantOf(body.now));
        if (body.advanceMs !== undefined) clock.advance(body.advanceMs);
        context.trueconfWorld.settle();
        return state();
      },
    }),
  ];
}
