// The supervisors' page.

import { OverviewPage } from "./overview_page.js";
import { begin } from "./shell.js";

begin("overview_title", (context) => new OverviewPage(context));
