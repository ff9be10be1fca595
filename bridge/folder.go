package bridge

// MaxFolders bounds the folders that a person keeps.
const MaxFolders = 200

// FolderChange moves services and changes a person's list of folders, all or nothing. A
// folder is a name that services share; the list has those that may be empty.
type FolderChange struct {
	Person   string   // id
	Drop     string   // leaves the list; "" for none
	Keep     string   // joins the list; "" for none
	Services []string // ids of the services that move
	To       string   // where they move; "" is out of all folders
}

// ServiceChange changes a part of a service; nil fields stay.
type ServiceChange struct {
	Name   *string
	Folder *string
}
