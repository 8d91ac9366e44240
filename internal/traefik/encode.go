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

// encode writes the file: JSON, which is YAML too, of exactly the fields that are known here. The
// proxy executes a route file as a template and then reads it as YAML, and one file that it cannot
// read stops the routes of all apps. So what templates or YAML read otherwise than JSON is escaped.
func (f file) encode() string { return encode(f) }

func encode(f any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	_ = e.Encode(f) // strings and numbers always encode
	return escape(strings.TrimRight(b.String(), "\n"))
}

// escape writes every character between ASCII and the supplementary planes as \uXXXX, because YAML
// forbids some of them. Those of the planes stay as they are: YAML allows them all, and does not
// know the pairs of surrogates by which JSON escapes them. The second of two braces is escaped, too,
// which a template would take for the beginning of an action.
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

// decode reads a route file strictly: a field that is not known here is an error, and so is
// anything behind the document.
func decode(content string) (file, error) {
	var f file
	d := json.NewDecoder(strings.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("there is something behind its end")
	}
	return f, nil
}

// check reads a route file as Traefik does, and returns why Traefik refuses it or reads it
// otherwise than it is meant.
func check(content string) error {
	if err := checkTemplate(content); err != nil {
		return err
	}
	if i := strings.IndexFunc(content, forbidden); i >= 0 {
		r := []rune(content[i:])[0]
		return fmt.Errorf("YAML does not allow the character %U", r)
	}
	var parsed, meant any
	if err := yaml.Unmarshal([]byte(content), &parsed); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(content), &meant); err != nil {
		return err
	}
	if again, err := json.Marshal(parsed); err != nil || !sameJSON(again, meant) {
		return errors.New("YAML reads it otherwise than JSON")
	}
	return checkValue(meant, false)
}

// readable is a route file that was found on a host in a form that Traefik reads: earlier versions
// wrote some characters that it refuses.
func readable(content string) string {
	f, err := decode(content)
	if err != nil || check(content) == nil {
		return content
	}
	return f.encode()
}

// checkTemplate makes sure that executing the content as a template changes nothing.
func checkTemplate(content string) error {
	t, err := template.New("route").Parse(content)
	if err == nil && t.Root != nil && t.Root.String() != content {
		return errors.New("it is a template")
	}
	return err
}

// forbidden reports whether YAML 1.2 has a character outside of its printable set. The YAML library
// of Traefik refuses all of these, and that of mrsk only some.
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

// bar separates the values of a list inside Traefik, where a list is one string that begins with it.
const bar = "║"

// longestKey is what the YAML library of Traefik takes for a key, with its quotes: that of mrsk has
// no limit.
const longestKey = 1000

// checkValue refuses strings that Traefik reads as lists, items of a list that it splits or trims,
// and keys that it does not find the end of.
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
