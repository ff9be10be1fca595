// Package principal holds the value types of identity: a person, their role, and
// the claims, sign-ins and access tokens that prove it. It reads no request and no store.
package principal

import (
	"fmt"
	"slices"
)

// Role is a level of rights. A greater role includes the rights of the lesser ones.
type Role int

// The roles, from the least to the greatest.
const (
	Nobody Role = iota // no rights
	Viewer             // reads services, sessions and transcripts
	Member             // connects, sends and saves
	Admin              // reads settings, signs people out
)

var roleNames = [...]string{Nobody: "", Viewer: "viewer", Member: "member", Admin: "admin"}

// AllRoles returns the roles that a person can be given, from the least to the greatest.
func AllRoles() []Role { return []Role{Viewer, Member, Admin} }

// String returns the role's name in settings and answers; "" for Nobody.
func (r Role) String() string { return roleNames[r] }

// ParseRole returns the role of a name. Unknown names are an error.
func ParseRole(name string) (Role, error) {
	if i := slices.Index(roleNames[:], name); i >= 0 {
		return Role(i), nil
	}
	return Nobody, fmt.Errorf("want viewer, member or admin, not %q", name)
}

// Roles maps groups to roles. A group that is in no list gives no role.
type Roles struct {
	Admins, Members, Viewers []string
	Default                  Role // of people without a listed group; Nobody refuses them
}

// Of returns the greatest role that the groups give, and the group that gives it ("" for
// the default role).
func (r *Roles) Of(groups []string) (Role, string) {
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
