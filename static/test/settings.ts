import type { Setting } from "../src/wire/wire"

const setting = { least: 0, most: 1, default: 0, zeroIsOff: false, savedOnly: false }

// settings is a list as the server sends it: a setting of each kind, one in a group and
// one that only a saved service has.
export const settings: Setting[] = [
  { ...setting, name: "ping_interval", key: "ping_interval", kind: "duration", least: 1, most: 600, default: 20, zeroIsOff: true },
  { ...setting, name: "limits.max_message_bytes", key: "max_message", kind: "bytes", least: 1, most: 1024, default: 1024 },
  { ...setting, name: "limits.viewers", key: "viewers", kind: "count", most: 9, default: 3 },
  { ...setting, name: "record_relay", key: "record_relay", kind: "flag", default: false, savedOnly: true },
]
