// The operators' page.

import { Board } from "./board.js";
import { CityClock } from "./city_clock.js";
import { ConsolePage } from "./console_page.js";
import { Liveness } from "./liveness.js";
import { Selection } from "./selection.js";
import { begin } from "./shell.js";
import { EVERYTHING } from "./state.js";

begin(
  "title",
  (context) =>
    new ConsolePage(
      {
        language: context.language,
        session: context.session,
        city: context.city,
        board: new Board(),
        clock: new CityClock(),
        liveness: new Liveness(performance.now()),
        selection: new Selection(),
        opened: new Set(),
        filter: EVERYTHING,
      },
      context,
    ),
);
