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
	words() map[string]string // defaults that the table gives in words, by key
	schema() node
}

// Reference returns the text of docs/config.md: every key with its type, its default and what it does.
// It comes from the tables that read the keys.
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
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.key, f.kind, cell(s.defaultOf(f)), cell(f.doc))
	}
}

// defaultOf returns the default of a key: the words of the table, or else the value in the code.
func (s section[T]) defaultOf(f field[T]) string {
	return cmp.Or(f.inWords, defaults()[s.pathOf(f)])
}

func (s section[T]) pathOf(f field[T]) string { return strings.TrimPrefix(s.name+"/"+f.key, "/") }

func (s section[T]) words() map[string]string {
	all := map[string]string{}
	for _, f := range s.fields {
		all[s.pathOf(f)] = f.inWords
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

// cell escapes text for a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}
