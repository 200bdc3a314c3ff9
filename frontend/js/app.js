// The browser side of Trackline: small modules that listen on the document, so swapped-in parts need no set-up.
import "./requests.js";
import "./focus.js";
import "./toast.js";
import "./theme.js";
import "./overlay.js";
import "./panel.js";
import "./rows.js";
import "./cell.js";
import "./lines.js";
import "./combobox.js";
import "./filters.js";
import "./columns.js";
import "./board.js";
import "./copy.js";
import "./guard.js";
import "./palette.js";
import "./keys.js";
