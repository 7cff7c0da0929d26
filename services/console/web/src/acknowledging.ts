// One acknowledgement: of the alert as it is shown, with its fate told on its row.

import type { Text } from "./api.js";
import { acknowledge } from "./client.js";
import { mayAct, type State } from "./state.js";
import { bothOf } from "./words.js";

/** Ask for it; `changed` is called when there is news to show. A second press while one runs is dropped. */
export async function acknowledging(id: string, state: State, changed: () => void): Promise<void> {
  const entry = state.board.get(id);
  if (entry === undefined || entry.ack?.kind === "pending") return;
  const why = refusal(state, id);
  if (why !== null) {
    state.board.acknowledging(id, { kind: "refused", message: why });
    return changed();
  }
  state.board.acknowledging(id, { kind: "pending" });
  changed();
  const answer = await acknowledge(id, { seen_seq: entry.alert.seq }, state.session.csrf);
  state.board.acknowledging(
    id,
    answer.ok ? { kind: "applied" } : { kind: "refused", message: answer.failure.message },
  );
  changed();
}

/** What needs no question: null if the console is to be asked. */
function refusal(state: State, id: string): Text | null {
  if (!mayAct(state.session)) return bothOf("role_may_not");
  return state.board.get(id)?.alert.acked === true ? bothOf("already") : null;
}
