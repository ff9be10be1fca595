// The parts that pages are built of: elements, menus, dialogs, lists, icons.

export { every, type Component } from "./component"
export { confirm, modifier, openDialog, showCommands, showShortcuts, type Command } from "./dialogs"
export { byId, element, iconButton, press, setText } from "./element"
export { growing } from "./growing"
export { icon, setIcon } from "./icons"
export { startMenus } from "./menu"
export { openMenu, placeBelow, type MenuItem, type Place } from "./popmenu"
export { Rows } from "./rows"
export { Split } from "./split"
export { Tabs } from "./tabs"
export { toast } from "./toast"
export { previewHTML, startWorker } from "./trusted"
