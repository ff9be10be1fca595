package load

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/cases"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Folder is a folder with the services in it that a person may see.
type Folder struct {
	Name     string
	Services []bridge.Service
}

// Folders returns the folders that the person may see, by name: those with a service that
// they see, and those that they made. Names of folders of others' private services stay
// unknown.
func (l *Loader) Folders(ctx context.Context) ([]Folder, error) {
	services, err := l.Services(ctx)
	if err != nil {
		return nil, err
	}
	made, err := l.Store.Folders(ctx, identity.Of(ctx).ID)
	if err != nil {
		return nil, err
	}
	return FoldersOf(services, made), nil
}

// KeptBy returns a service of the folder that the person may not change; nil for none.
func (f *Folder) KeptBy(p *identity.Person) *bridge.Service {
	for i := range f.Services {
		if !access.ChangesService(p, &f.Services[i]) {
			return &f.Services[i]
		}
	}
	return nil
}

// FoldersOf groups services by folder, without regard to case, and adds the empty ones.
func FoldersOf(services []bridge.Service, made []string) []Folder {
	at := map[string]*Folder{}
	var keys []string
	folder := func(name string) *Folder {
		key := foldFolder(name)
		if at[key] == nil {
			at[key] = &Folder{Name: name}
			keys = append(keys, key)
		}
		return at[key]
	}
	for i := range services {
		if name := services[i].Folder; name != "" {
			f := folder(name)
			f.Services = append(f.Services, services[i])
		}
	}
	for _, name := range made {
		folder(name)
	}
	slices.Sort(keys)
	out := make([]Folder, len(keys))
	for i, key := range keys {
		out[i] = *at[key]
	}
	return out
}

// Folder loads a folder by its name, without regard to case; folder_not_found.
func (l *Loader) Folder(ctx context.Context, name string) (Folder, error) {
	all, err := l.Folders(ctx)
	if err != nil {
		return Folder{}, err
	}
	i := slices.IndexFunc(all, func(f Folder) bool { return foldFolder(f.Name) == foldFolder(name) })
	if i < 0 {
		return Folder{}, reply.Bad(reply.CodeFolderNotFound, "folder")
	}
	return all[i], nil
}

// SpellFolder returns the name in the spelling of the folder that exists, if one does.
func (l *Loader) SpellFolder(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	all, err := l.Folders(ctx)
	if err != nil {
		return "", err
	}
	for _, f := range all {
		if foldFolder(f.Name) == foldFolder(name) {
			return f.Name, nil
		}
	}
	return name, nil
}

func foldFolder(name string) string { return cases.Fold().String(strings.TrimSpace(name)) }
