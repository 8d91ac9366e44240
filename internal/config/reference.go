package config

import (
	"cmp"
	"fmt"
	"strings"
)

// documented is a section whose keys can be listed.
type documented interface {
	path() string
	document(*strings.Builder)
	plain() string
	keys() []string           // with the path of the section
	words() map[string]string // the words that the table has for defaults, by their keys
}

// Reference is docs/config.md: every key with its type, its default and what it does, from the
// tables that read them.
func Reference() string {
	var b strings.Builder
	b.WriteString("# The keys of config/deploy.yml\n\n")
	b.WriteString("<!-- Made by `go test ./internal/config -update`. Do not edit: the texts are in internal/config. -->\n")
	for _, s := range sections() {
		s.document(&b)
	}
	b.WriteString(templateDoc)
	return b.String()
}

func sections() []documented {
	return []documented{
		rootSection,
		roleSection,
		envSection(),
		registrySection,
		builderSection,
		cacheSection,
		packSection,
		proxySection,
		healthcheckSection,
		sslSection,
		bufferingSection,
		proxyLoggingSection,
		proxyRunSection,
		acmeSection,
		outputSection,
		outputFileSection,
		otelSection,
		sshSection,
		sshkitSection,
		bootSection,
		loggingSection,
		accessorySection,
		mountSection,
		olderHealthSection,
		olderTraefikSection,
	}
}

func (s section[T]) document(b *strings.Builder) {
	if s.name != "" {
		fmt.Fprintf(b, "\n## %s\n", cell(s.name))
	}
	fmt.Fprintf(b, "\n%s\n\n```yaml%s```\n\n| key | type | default | what it does |\n|---|---|---|---|\n", strings.ReplaceAll(s.doc, "\n", " "), examples[s.name])
	for _, f := range s.fields {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.key, f.kind, cell(s.standardOf(f)), cell(f.doc))
	}
}

// standardOf is a key's default: the words of the table, else the value that the code has.
func (s section[T]) standardOf(f field[T]) string {
	return cmp.Or(f.standard, standards()[s.pathOf(f)])
}

func (s section[T]) pathOf(f field[T]) string { return strings.TrimPrefix(s.name+"/"+f.key, "/") }

func (s section[T]) words() map[string]string {
	all := map[string]string{}
	for _, f := range s.fields {
		all[s.pathOf(f)] = f.standard
	}
	return all
}

func (s section[T]) keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = s.pathOf(f)
	}
	return keys
}

// cell is text that a Markdown table can hold.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}
