package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"duplex/handlers/identity/proxy"
	"duplex/views/text"
	"duplex/web/internal/config"
)

// helpFiles holds the reference pages, one per topic. They are also read in place, in a
// browser of the repository.
//
//go:embed help/*.md
var helpFiles embed.FS

// help prints a topic, or the list of commands, topics and flags.
func help(_ context.Context, p process) int {
	if len(p.args) < 2 {
		writeUsage(p.stdout)
		return 0
	}
	page, err := helpFiles.ReadFile("help/" + p.args[1] + ".md")
	if err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex help: no topic %q; there are %s\n", p.args[1], strings.Join(helpTopics(), ", "))
		return 2
	}
	_, _ = p.stdout.Write(page)
	return 0
}

// writeUsage prints the commands, the topics, and a line for each setting.
func writeUsage(w io.Writer) {
	_, _ = fmt.Fprint(w, "Duplex is a web console for real-time inference services that speak WebSocket.\n\nusage: duplex [command] [flags]\n\n")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-28s %s\n", c.usage, c.does)
	}
	_, _ = fmt.Fprintf(w, "\nTopics of \"duplex help\": %s.\n\nFlags, each also as an environment variable:\n\n", strings.Join(helpTopics(), ", "))
	for _, s := range config.Settings() {
		line := fmt.Sprintf("  %-28s %-32s %s", s.Flag(), s.Env(), s.Default)
		_, _ = fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func helpTopics() []string {
	files, _ := fs.Glob(helpFiles, "help/*.md")
	var topics []string
	for _, file := range files {
		topics = append(topics, strings.TrimSuffix(path.Base(file), ".md"))
	}
	return topics
}

// settingsList returns the settings of a group as the page "settings" lists them.
func settingsList(group config.Group, words *text.Catalogue) string {
	var b strings.Builder
	for _, s := range config.Settings() {
		if s.Group != group {
			continue
		}
		_, _ = fmt.Fprintf(&b, "- `%s`, `%s`", s.Flag(), s.Env())
		if s.Default != "" {
			_, _ = fmt.Fprintf(&b, ", default `%s`", s.Default)
		}
		_, _ = fmt.Fprintf(&b, "\n  %s\n", words.Say("setting."+s.Name, map[string]string{"presets": strings.Join(proxy.Presets(), ", ")}))
	}
	return b.String()
}
