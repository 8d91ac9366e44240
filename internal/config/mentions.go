package config

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/erb"
	"mrsk/internal/yamltree"
)

// Mentions reports whether the files can define an alias of the name word. It runs no code of a template.
// With code that writes keys, any name is possible.
func Mentions(opts LoadOptions, word string) bool {
	return slices.ContainsFunc(opts.Files(), func(file string) bool {
		data, err := opts.read(file)
		return err == nil && mentions(data, word)
	})
}

func mentions(data []byte, word string) bool {
	if !erb.Is(string(data)) {
		root, err := yamltree.Parse("", data)
		if err == nil {
			aliases := root.Get("aliases")
			return aliases != nil && aliases.Get(word) != nil
		}
	}
	outline, err := erb.Outline(string(data), byTag)
	return err == nil && outlined(outline, word)
}

// byTag stands in an outline for what a tag of a template writes.
const byTag = "\x00"

var (
	aliasesKey = regexp.MustCompile(`(?m)(^|[\s{,])["']?aliases["']?\s*:`)
	// borrowed matches a value that a YAML alias or a merge brings from elsewhere in the file.
	borrowed = regexp.MustCompile(`<<|(^|[\s:,{\[])\*[^\s*]`)
	// writtenKey matches a line in which a tag writes a key or a part of it.
	writtenKey = regexp.MustCompile(`(?m)^[^:\n]*\x00`)
	// writtenRootKey is writtenKey for lines that are not indented.
	writtenRootKey = regexp.MustCompile(`(?m)^(\x00|[^\s#:][^:\n]*\x00)`)
)

// outlined reports whether the outline of a template has an alias as a key of a section aliases, or may have it.
func outlined(outline, word string) bool {
	key := regexp.MustCompile(`(?m)(^|[\s{,"'])` + regexp.QuoteMeta(word) + `["']?\s*:`)
	if writtenRootKey.MatchString(outline) {
		return true
	}
	return slices.ContainsFunc(aliasSections(outline), func(section string) bool {
		return key.MatchString(section) || writtenKey.MatchString(section)
	})
}

// aliasSections returns the texts of the sections aliases, wherever they are, because a merge may bring them to the
// root. If parts of a section may be elsewhere, it is the whole text.
func aliasSections(text string) []string {
	var all []string
	for _, at := range aliasesKey.FindAllStringIndex(text, -1) {
		section := sectionText(text, at[1])
		if borrowed.MatchString(section) {
			return []string{text}
		}
		all = append(all, section)
	}
	return all
}

// sectionText returns the text behind the key that ends at an offset, up to the next line that is indented no more
// than the line of the key.
func sectionText(text string, behind int) string {
	key := indentation(text[strings.LastIndexByte(text[:behind], '\n')+1:])
	lines := strings.SplitAfter(text[behind:], "\n")
	for i, line := range lines[1:] {
		if content := strings.TrimSpace(line); content != "" && content[0] != '#' && indentation(line) <= key {
			return strings.Join(lines[:i+1], "")
		}
	}
	return text[behind:]
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
