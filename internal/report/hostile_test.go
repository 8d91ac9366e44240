package report

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"

	"mrsk/internal/event"
)

// hostile is what a host or a container might say. It has no line feed, because lines have none.
const hostile = "</script></style></title></pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'` &amp; {{.}} --> ]]>" +
	"\x1b[31mred\x1b[0m\x1b]0;title\x07\x00\x08\u202e\u200b\u2028\xff end"

// saying tells of a deploy in which all texts are a word.
func saying(word string) (told, Run) {
	r := newTold()
	all := []string{word}
	r.at(0, event.Work{Doing: word, Version: word, Subject: word, Hosts: all})
	r.at(0, event.Stage{Name: word, Hosts: all})
	r.at(0, event.Step{Host: word, Name: word, State: event.Began, Shown: word + "\n" + word})
	r.at(0, event.Line{Host: word, Step: word, Stream: "stdout", Text: word}, event.Line{Host: word, Step: word, Stream: "stderr", Text: word})
	r.at(0, event.Line{Host: word, Step: "x", Text: word}, event.Probe{Host: word, Step: word, Answer: word})
	r.at(1, event.Step{Host: word, Name: word, State: event.Failed, Err: errors.New(word + "\n" + word)})
	r.waited(word, event.AtGate, word, 1, 2)
	r.at(2, event.Step{Host: word, Name: word, State: event.Undone, Shown: word, Took: 500_000_000, Err: errors.New(word)})
	r.at(2, event.Reached{Host: word, Stage: word, Done: word}, event.Note{Host: word, Text: word}, event.Warning{Host: word, Text: word})
	r.at(2, event.RolloutEnd{
		App: word, Options: word, Again: word, Version: word, Outcome: event.LiveWithFaults, Hosts: all, URL: "https://" + word, Back: word,
	})
	return r, Run{
		Command: word, App: word, Version: word, Performer: word, Tool: word, RunURL: "javascript:" + word,
		Began: start, Ended: at(2), Status: 1, Headline: word, Failure: word + "\n" + word + "\n",
	}
}

// What hosts and containers say is text. It changes no element and no attribute's name.
func TestPage_escapes_what_hosts_say(t *testing.T) {
	t.Parallel()
	r, run := saying("word")
	tame := elements(t, pageOf(t, r.Record, run))
	r, run = saying(hostile)
	page := pageOf(t, r.Record, run)
	if wild := elements(t, page); !slices.Equal(tame, wild) {
		t.Errorf("the page has other elements:\n%q\n%q", tame, wild)
	}
	if at := strings.IndexFunc(page, func(c rune) bool { return c != '\n' && !unicode.IsGraphic(c) }); at >= 0 {
		t.Errorf("the page has the character %q", page[at:at+10])
	}
	for _, kept := range []string{"&lt;img src=x onerror=alert(1)&gt;", "red\ufffd end"} {
		if !strings.Contains(page, kept) {
			t.Errorf("the page has no %s", kept)
		}
	}
}

// elements returns the elements of a page with the names of their attributes. The page is also well-formed XML.
func elements(t *testing.T, page string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	var all []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, page)
		}
		e, begins := token.(xml.StartElement)
		if !begins {
			continue
		}
		text := e.Name.Local
		for _, a := range e.Attr {
			text += " " + a.Name.Local
			if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(a.Value, "https://") {
				t.Errorf("a link leads to %s", a.Value)
			}
		}
		all = append(all, text)
	}
}

// No file is loaded and no script runs, also if something is not escaped.
func TestPage_loads_nothing(t *testing.T) {
	t.Parallel()
	page := pageOf(t, deployed().Record, deployedRun)
	for _, element := range elements(t, page) {
		name, attributes, _ := strings.Cut(element, " ")
		if slices.Contains([]string{"script", "link", "img", "image", "iframe", "object", "embed", "use", "form"}, name) || strings.Contains(attributes, "src") {
			t.Errorf("the page has <%s>", element)
		}
	}
	if strings.Contains(style, "@import") || strings.Contains(style, "//") {
		t.Error("the style loads something")
	}
	if !strings.Contains(page, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("the page has no policy")
	}
}
