// The parts that pages are built of: elements, menus, dialogs, lists, icons.

export { confirm, modifier, openDialog, showCommands, showShortcuts, type Command } from "./dialogs"
export { element, iconButton, press, setText } from "./element"
export { icon, setIcon } from "./icons"
export { startMenus } from "./menu"
export { openMenu, placeBelow, type MenuItem, type Place } from "./popmenu"
export { Rows } from "./rows"
export { createSplit } from "./split"
export { createTabs, type Tabs } from "./tabs"
export { toast } from "./toast"
export { previewHTML, startWorker } from "./trusted"
