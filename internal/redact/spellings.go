package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// spellings returns the forms in which programs print a value: plain, quoted for a shell, as JSON, in a URL,
// and in base64. Programs print lines, so it includes the forms of each line of the value.
func spellings(value string) []string {
	whole := strings.TrimRight(value, "\r\n")
	all := append(encoded(value), encoded(whole)...)
	all = append(all, written(whole)...)
	if strings.Contains(whole, "\n") {
		for line := range strings.SplitSeq(whole, "\n") {
			all = append(all, written(strings.TrimSuffix(line, "\r"))...)
		}
	}
	return all
}

// written returns the spellings that leave most characters unchanged.
func written(text string) []string {
	all := []string{text, printable(text)}
	all = append(all, quoted(text)...)
	all = append(all, inStrings(text)...)
	return append(all, inURL(text)...)
}

// printable returns text without control characters, as it is shown on a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// quoted returns the spellings of shells, without the outer quotes: single quotes, single quotes within
// single quotes, double quotes, backslashes, the forms in which dash and bash trace commands, and $'…'.
func quoted(text string) []string {
	once := strings.ReplaceAll(text, "'", `'\''`)
	var slashed, octal strings.Builder
	for i := range len(text) {
		c := text[i]
		if strings.IndexByte(" \t!\"#$&'()*,;<>?[\\]^`{|}~", c) >= 0 {
			slashed.WriteByte('\\')
		}
		slashed.WriteByte(c)
		octal.WriteString(ansiC(c))
	}
	return []string{
		once, strings.ReplaceAll(once, "'", `'\''`), strings.ReplaceAll(text, "'", `'"'"'`),
		strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text),
		slashed.String(), octal.String(),
	}
}

// ansiC returns a byte as it is written inside $'…' of bash.
func ansiC(c byte) string {
	switch {
	case c == '\n':
		return `\n`
	case c == '\t':
		return `\t`
	case c == '\r':
		return `\r`
	case c == '\'' || c == '\\':
		return `\` + string(rune(c))
	case c < ' ' || c >= 0x7f:
		return fmt.Sprintf(`\%03o`, c)
	}
	return string(rune(c))
}

// inStrings returns the spellings of JSON and Go strings, without the quotes.
func inStrings(text string) []string {
	var plain strings.Builder
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)            // a string can be encoded
	html, _ := json.Marshal(text) // as above
	all := []string{strings.TrimSuffix(plain.String(), "\n"), string(html), strconv.Quote(text), strconv.QuoteToASCII(text)}
	for i, q := range all {
		all[i] = q[1 : len(q)-1]
	}
	return all
}

func inURL(text string) []string {
	all := []string{url.QueryEscape(text), url.PathEscape(text), strings.ReplaceAll(url.QueryEscape(text), "+", "%20")}
	_, user, _ := strings.Cut(url.UserPassword("", text).String(), ":")
	return append(all, user)
}

// encoded returns the spellings in base64: of text alone, and as part of a longer text. The latter depend on
// the position of text in a group of three bytes; characters that also encode bytes around it are left out.
func encoded(text string) []string {
	all := []string{base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text))}
	for shift, skip := range []int{0, 2, 3} {
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			core := alphabet.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			if (shift+len(text))%3 != 0 {
				core = core[:len(core)-1]
			}
			if core = core[min(skip, len(core)):]; len(core) >= 2*shortest {
				all = append(all, core)
			}
		}
	}
	return all
}
