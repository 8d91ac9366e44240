package config

import (
	"fmt"
	"slices"
	"strings"
)

// otherNames are further names that users may type for a section.
var otherNames = map[string]string{
	"configuration": "",
	"alias":         "",
	"role":          "servers/<role>",
	"servers":       "servers/<role>",
	"accessory":     "accessories/<name>",
	"accessories":   "accessories/<name>",
}

// Docs returns a plain text description of the keys of a section and its subsections; "" is the root
// without subsections. It fails if there is no such section.
func Docs(name string) (string, error) {
	if other, known := otherNames[name]; known {
		name = other
	}
	var parts []string
	for _, s := range sections() {
		if s.path() == name || name != "" && strings.HasPrefix(s.path(), name+"/") {
			parts = append(parts, s.plain())
		}
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("there is no section %q; there are %s", name, strings.Join(DocSections(), ", "))
	}
	return strings.Join(parts, "\n"), nil
}

// DocSections returns the names that Docs accepts, sorted.
func DocSections() []string {
	var names []string
	for _, s := range sections() {
		if path := s.path(); path != "" && !strings.Contains(path, "<") {
			names = append(names, path)
		}
	}
	for name := range otherNames {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s section[T]) path() string { return s.name }

// plain returns the description of a section as plain text.
func (s section[T]) plain() string {
	var b strings.Builder
	if s.name != "" {
		fmt.Fprintf(&b, "%s\n", s.name)
	}
	fmt.Fprintf(&b, "%s\n", filled(s.doc, ""))
	for _, f := range s.fields {
		about := f.kind
		if text := s.defaultOf(f); text != "" {
			about += ", default " + text
		}
		fmt.Fprintf(&b, "\n  %s (%s)\n%s\n", f.key, about, filled(f.doc, "      "))
	}
	fmt.Fprintf(&b, "\n  Example:\n%s\n", indented(examples[s.name], "      "))
	return b.String()
}

// indented puts an indent before each line of an example.
func indented(text, indent string) string {
	return indent + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+indent)
}

// lineWidth is the usual minimum width of a terminal in columns.
const lineWidth = 80

// filled breaks text into lines of at most lineWidth, each with the indent before it.
func filled(text, indent string) string {
	var lines []string
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > lineWidth && line != indent {
			lines = append(lines, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}
