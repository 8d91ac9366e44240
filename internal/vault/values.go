package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mrsk/internal/redact"
)

// Value is a secret with the name that its adapter returns for it.
type Value struct {
	Key   string
	Value redact.String
}

// Values are the secrets of a request.
type Values []Value

func (v Values) has(key string) bool {
	for _, value := range v {
		if value.Key == key {
			return true
		}
	}
	return false
}

// with returns v with the value added, or replaced if the key is there.
func (v Values) with(key, text string) Values {
	for i := range v {
		if v[i].Key == key {
			v[i].Value = redact.New(text)
			return v
		}
	}
	return append(v, Value{key, redact.New(text)})
}

// Document returns the values as a JSON object, in order. Extract reads it.
func (v Values) Document() redact.String {
	var b strings.Builder
	b.WriteByte('{')
	for i, value := range v {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(value.Key) + ":" + quoted(value.Value.Reveal()))
	}
	b.WriteByte('}')
	return redact.New(b.String())
}

// quoted returns text as a JSON string that escapes only what it must.
func quoted(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string always can be
	return strings.TrimSuffix(b.String(), "\n")
}

// Extract returns the secret of a document with the name. If there is none, it returns the first one whose name
// ends with "/" and name. The document is one of Values.Document, or a JSON string that contains it, as @json of
// jq prints. The error is a *NameError if there is no such secret.
func Extract(document redact.String, name string) (redact.String, error) {
	text := document.Reveal()
	if strings.HasPrefix(strings.TrimSpace(text), `"`) {
		_ = json.Unmarshal([]byte(text), &text) // text that is not a JSON string fails below
	}
	all, err := members(text)
	if err != nil {
		return redact.String{}, errors.New("the secrets to extract from are not what secrets fetch prints: they are no JSON object")
	}
	for _, match := range []func(key string) bool{
		func(key string) bool { return key == name },
		func(key string) bool { return strings.HasSuffix(key, "/"+name) },
	} {
		for _, m := range all {
			if text, ok := m.text(); ok && match(m.key) {
				return redact.New(text), nil
			}
		}
	}
	return redact.String{}, &NameError{Name: name, Known: keys(all)}
}

// NameError reports a secret that is not in the document.
type NameError struct {
	Name  string
	Known []string // the names in the document
}

func (e *NameError) Error() string { return fmt.Sprintf("there is no secret %s", e.Name) }

// Hint lists the names in the document.
func (e *NameError) Hint() string {
	if len(e.Known) == 0 {
		return "nothing was fetched"
	}
	return "fetched were " + strings.Join(e.Known, ", ")
}

// member is one entry of a JSON object.
type member struct {
	key string
	raw json.RawMessage
}

func keys(all []member) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.key)
	}
	return out
}

// text returns a string as it is, and any other value as JSON. ok is false for null.
func (m member) text() (string, bool) {
	var text *string
	if json.Unmarshal(m.raw, &text) == nil {
		if text == nil {
			return "", false
		}
		return *text, true
	}
	var b bytes.Buffer
	_ = json.Compact(&b, m.raw) // it has been parsed
	return b.String(), true
}

// members parses a JSON object and keeps the order of its members.
func members(text string) ([]member, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errNoObject
	}
	var all []member
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, errNoObject
		}
		m := member{key: key.(string)}
		if err := d.Decode(&m.raw); err != nil {
			return nil, errNoObject
		}
		all = append(all, m)
	}
	if _, err := d.Token(); err != nil || strings.TrimSpace(rest(text, d)) != "" {
		return nil, errNoObject
	}
	return all, nil
}

// errNoObject reports that a text is not a JSON object. It does not quote the text, which is secret.
var errNoObject = errors.New("this is no JSON object")

// rest returns the text after the value that d has read.
func rest(text string, d *json.Decoder) string { return text[d.InputOffset():] }
