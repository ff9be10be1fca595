package load

const MaxRows = 1000
