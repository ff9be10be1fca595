package identity

import (
	"fmt"
	"slices"
)

// Role is what a person may do. A greater one may do all that a lesser one may.
type Role int

// The roles.
const (
	Nobody Role = iota // nothing
	Viewer             // looks at services, sessions and transcripts
	Member             // connects, sends and saves
	Admin              // sees settings, and signs people out
)

var roleNames = [...]string{"", "viewer", "member", "admin"}

// String is the role's name in settings and answers; "" for Nobody.
func (r Role) String() string { return roleNames[r] }

// ParseRole is the inverse of String.
func ParseRole(name string) (Role, error) {
	if i := slices.Index(roleNames[:], name); i >= 0 {
		return Role(i), nil
	}
	return Nobody, fmt.Errorf("want viewer, member or admin, not %q", name)
}

// Roles gives groups their roles. A group that no list has gives nothing.
type Roles struct {
	Admins, Members, Viewers []string
	Default                  Role // of people without a listed group; Nobody refuses them
}

// of returns the greatest role that the groups give, and the group that gives it.
func (r *Roles) of(groups []string) (Role, string) {
	for _, list := range []struct {
		role   Role
		groups []string
	}{{Admin, r.Admins}, {Member, r.Members}, {Viewer, r.Viewers}} {
		for _, group := range list.groups {
			if slices.Contains(groups, group) {
				return list.role, group
			}
		}
	}
	return r.Default, ""
}
