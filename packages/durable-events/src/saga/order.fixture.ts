/** A saga for the tests: reserve stock, authorize a payment, give up after a while; undo what was done. */
import type { Effect, Saga, SagaInput } from './saga.ts';

export interface Order {
  readonly total: number;
}
export interface OrderState {
  readonly total: number;
  readonly step: 'reserving' | 'authorizing' | 'releasing' | 'confirmed' | 'cancelled';
}
export type OrderInput = SagaInput<Order, { readonly type: 'cancel' }>;

export const orderSaga: Saga<OrderState, Order, { readonly type: 'cancel' }> = {
  name: 'order',
  initialState: ({ total }) => ({ total, step: 'reserving' }),
  decide({ total, step }, input): Effect[] {
    if (total < 0) throw new Error('negative total');
    const replied = input.type === 'replied' ? input.command : undefined;
    if (input.type === 'started')
      return [
        { kind: 'call', name: 'reserve', action: 'stock.reserve', params: {} },
        { kind: 'timer', name: 'giveUp', ms: 60_000 },
      ];
    if (replied === 'release') return [{ kind: 'end', outcome: 'cancelled' }];
    if (step === 'reserving' && replied === 'reserve')
      return [{ kind: 'call', name: 'authorize', action: 'payments.authorize', params: { amount: total } }];
    if (step === 'authorizing' && replied === 'authorize') return [{ kind: 'end', outcome: 'confirmed' }];
    if (step === 'reserving') return [{ kind: 'end', outcome: 'cancelled' }];
    if (step === 'authorizing')
      return [
        { kind: 'cancelTimer', name: 'giveUp' },
        { kind: 'compensate', name: 'release', of: 'reserve', action: 'stock.release', params: {} },
      ];
    return [];
  },
  evolve(state, input) {
    const replied = input.type === 'replied' ? input.command : undefined;
    if (input.type === 'started' || state.step === 'cancelled' || state.step === 'confirmed') return state;
    if (replied === 'release') return { ...state, step: 'cancelled' };
    if (state.step === 'reserving')
      return { ...state, step: replied === 'reserve' ? 'authorizing' : 'cancelled' };
    if (state.step === 'authorizing')
      return { ...state, step: replied === 'authorize' ? 'confirmed' : 'releasing' };
    return state;
  },
};
