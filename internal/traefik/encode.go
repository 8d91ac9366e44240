package traefik

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v4"
)

// encode returns the text of the file. It is JSON, which is also YAML. Traefik executes a route file as a
// Go template and then parses it as YAML, and one file that it cannot read stops updates of all routes.
// So encode escapes what a template or YAML would read differently from JSON.
func (f file) encode() string { return encode(f) }

func encode(f any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	_ = e.Encode(f) // strings and numbers always encode
	return escape(strings.TrimRight(b.String(), "\n"))
}

// escape writes characters from U+007F to U+FFFF as \uXXXX, because YAML forbids some of them. It does
// not escape characters above U+FFFF: YAML allows them, but does not support the surrogate pairs by which
// JSON escapes them. It also escapes the second brace of {{, which begins an action of a template.
func escape(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "{{", `{\u007b`) {
		if r >= 0x7f && r <= 0xffff {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// decode parses a route file of mrsk. An unknown field is an error, and so is text after the document.
func decode(content string) (file, error) {
	var f file
	d := json.NewDecoder(strings.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("unexpected data after the JSON document")
	}
	return f, nil
}

// check parses a route file as Traefik does. It returns an error if Traefik would refuse it or would read
// something else than JSON says.
func check(content string) error {
	if err := checkTemplate(content); err != nil {
		return err
	}
	if i := strings.IndexFunc(content, forbidden); i >= 0 {
		r := []rune(content[i:])[0]
		return fmt.Errorf("YAML does not allow the character %U", r)
	}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(content), &root); err != nil {
		return err
	}
	if widest(&root) > mostEntries {
		return fmt.Errorf("it has more than %d entries in one place", mostEntries)
	}
	var parsed, meant any
	if err := root.Decode(&parsed); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(content), &meant); err != nil {
		return err
	}
	if again, err := json.Marshal(parsed); err != nil || !sameJSON(again, meant) {
		return errors.New("YAML and JSON read it differently")
	}
	return checkValue(meant, false)
}

// mostEntries is how many entries one mapping of a route file may have: the YAML library compares all of them
// with each other.
const mostEntries = 5000

// widest returns the number of entries of the mapping with most of them. Aliases are not followed.
func widest(n *yaml.Node) int {
	most := 0
	if n.Kind == yaml.MappingNode {
		most = len(n.Content) / 2
	}
	for _, inner := range n.Content {
		most = max(most, widest(inner))
	}
	return most
}

// readable returns a route file of a host in a form that Traefik can read. Earlier versions of mrsk wrote
// some characters that Traefik refuses.
func readable(content string) string {
	f, err := decode(content)
	if err != nil || check(content) == nil {
		return content
	}
	return f.encode()
}

// checkTemplate fails if executing the content as a template would change it.
func checkTemplate(content string) error {
	t, err := template.New("route").Parse(content)
	if err == nil && t.Root != nil && t.Root.String() != content {
		return errors.New("it contains an action of a Go template")
	}
	return err
}

// forbidden reports whether YAML 1.2 forbids a character. Traefik's YAML library refuses all of these;
// the one of mrsk refuses only some.
func forbidden(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
}

func sameJSON(text []byte, want any) bool {
	var got any
	if json.Unmarshal(text, &got) != nil {
		return false
	}
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// bar is the separator of lists inside Traefik, which stores a list as one string that begins with it.
const bar = "║"

// longestKey is the maximum length of a key, including its quotes, in Traefik's YAML library. The one of
// mrsk has no limit.
const longestKey = 1000

// checkValue fails on strings that Traefik would read as lists, on items of a list that it would split or
// trim, and on keys that are too long.
func checkValue(value any, item bool) error {
	var errs []error
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			errs = append(errs, checkKey(key), checkValue(v[key], false))
		}
	case []any:
		for _, one := range v {
			errs = append(errs, checkValue(one, true))
		}
	case string:
		errs = append(errs, checkText(v, item))
	}
	return cmp.Or(errs...)
}

func checkKey(key string) error {
	if len(encode(key)) > longestKey {
		return fmt.Errorf("%.40q: YAML does not allow a key of more than %d characters", key, longestKey)
	}
	return checkText(key, true)
}

func checkText(text string, item bool) error {
	switch {
	case strings.HasPrefix(text, bar) || item && strings.Contains(text, bar):
		return fmt.Errorf("%.40q: Traefik reads %s (U+2551) as the separator of a list", text, bar)
	case item && strings.TrimSpace(text) != text:
		return fmt.Errorf("%.40q: Traefik drops the spaces at its ends", text)
	}
	return nil
}
