package demo

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"
)

// tokenPath is the path of the emulated IAM's token request (Huawei Cloud, IAM API
// reference, "Obtaining a user token through password authentication").
const tokenPath = "/v3/auth/tokens" // #nosec G101 -- a path

// maxTokenRequest bounds the body of a request for a token, in bytes.
const maxTokenRequest = 64 << 10

type tokenRequest struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User struct {
					Name     string `json:"name"`
					Password string `json:"password"`
					Domain   struct {
						Name string `json:"name"`
					} `json:"domain"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope struct {
			Project *struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			} `json:"project"`
		} `json:"scope"`
	} `json:"auth"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type tokenAnswer struct {
	Token struct {
		ExpiresAt string   `json:"expires_at"`
		IssuedAt  string   `json:"issued_at"`
		Methods   []string `json:"methods"`
		Project   *named   `json:"project,omitempty"`
		User      named    `json:"user"`
	} `json:"token"`
}

// issue answers a request for a token.
func (d *Demo) issue(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuseToken(w, http.StatusMethodNotAllowed, "Method not allowed")
		return
	}
	d.tokens.counted()
	asked, err := readTokenRequest(w, r)
	if err != nil {
		refuseToken(w, http.StatusBadRequest, "The request body is invalid")
		return
	}
	if status, message := asked.check(); status != 0 {
		refuseToken(w, status, message)
		return
	}
	now := d.now().UTC()
	expires := now.Add(tokenLife)
	scoped := asked.Auth.Scope.Project != nil
	w.Header().Set("X-Subject-Token", d.tokens.issue(now, expires, scoped))
	writeJSON(w, http.StatusCreated, describe(now, expires, scoped))
}

func readTokenRequest(w http.ResponseWriter, r *http.Request) (tokenRequest, error) {
	var asked tokenRequest
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTokenRequest))
	if err != nil {
		return asked, err
	}
	if err := json.Unmarshal(raw, &asked); err != nil {
		return asked, err
	}
	if !slices.Contains(asked.Auth.Identity.Methods, "password") {
		return asked, errors.New("method is not password")
	}
	return asked, nil
}

// check returns the status and message of a refusal, or 0.
func (t tokenRequest) check() (int, string) {
	user := t.Auth.Identity.Password.User
	name, password, domain := same(user.Name, IAMUser), same(user.Password, IAMPassword), same(user.Domain.Name, IAMDomain)
	if !name || !password || !domain {
		return http.StatusUnauthorized, "The username or password is wrong."
	}
	project := t.Auth.Scope.Project
	if project != nil && project.Name != IAMProject && project.ID != IAMProjectID {
		return http.StatusUnauthorized, "The request you have made requires authentication."
	}
	return 0, ""
}

func describe(now, expires time.Time, scoped bool) tokenAnswer {
	const layout = "2006-01-02T15:04:05.000000Z"
	var answer tokenAnswer
	answer.Token.IssuedAt, answer.Token.ExpiresAt = now.Format(layout), expires.Format(layout)
	answer.Token.Methods = []string{"password"}
	answer.Token.User = named{"0000000000000000000000000000user", IAMUser}
	if scoped {
		answer.Token.Project = &named{IAMProjectID, IAMProject}
	}
	return answer
}

// refuseToken answers in IAM's shape of errors.
func refuseToken(w http.ResponseWriter, status int, message string) {
	type fault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Title   string `json:"title"`
	}
	writeJSON(w, status, map[string]fault{"error": {status, message, http.StatusText(status)}})
}
