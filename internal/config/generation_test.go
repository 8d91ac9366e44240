package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// generations are the keys of MRSK and Kamal, with who accepts them: all, older or newer versions.
func generations(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/generations.keys")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, who, found := strings.Cut(strings.TrimSpace(line), ": "); found && !strings.HasPrefix(line, "#") {
			all[key] = who
		}
	}
	return all
}

// signed reports whether one of the signs is the key, or a key around it: who accepts a section
// accepts what is in it.
func signed(signs []sign, key string) bool {
	key = strings.NewReplacer("<role>", "*", "<name>", "*").Replace(key)
	for _, s := range signs {
		if s.path == key || strings.HasPrefix(key, s.path+"/") {
			return true
		}
	}
	return false
}

// A key is a sign where some versions refuse it, and no sign where all accept it. What is not among
// the keys of MRSK and Kamal is mrsk's own, and makes a file a newer one.
func TestSigns_are_the_keys_that_only_some_versions_accept(t *testing.T) {
	t.Parallel()
	who := generations(t)
	for _, s := range sections() {
		for _, key := range s.keys() {
			by, known := who[key]
			if !known && strings.HasPrefix(key, "accessories/<name>/files/") {
				continue // the long form of an entry, which is a sign by its form
			}
			older, newer := signed(olderSigns, key), signed(newerSigns, key)
			switch {
			case by == "older" && !older, by == "newer" && !newer, !known && !newer:
				t.Errorf("%s is accepted by some versions alone (%q), and is no sign", key, by)
			case by == "all" && (older || newer) && !formed(key):
				t.Errorf("%s is accepted by all versions, and is a sign", key)
			}
		}
	}
}

// formed reports whether all signs at a key look at the form of its value.
func formed(key string) bool {
	for _, s := range append(append([]sign{}, olderSigns...), newerSigns...) {
		if signed([]sign{s}, key) && s.form == nil {
			return false
		}
	}
	return true
}

// newerSamples are keys of all versions whose samples have a form, or a key, of the newer ones.
var newerSamples = map[string]bool{"builder": true, "builder/local": true, "builder/remote": true, "sshkit": true}

// A key that only newer versions have makes a file a newer one; any other leaves it one of Kamal 1,
// as it has what Kamal 1 requires and lacks builder/arch.
func TestGeneration_follows_every_sign(t *testing.T) {
	t.Parallel()
	who := generations(t)
	text, err := os.ReadFile("testdata/reference.keys")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		key, sample, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found || strings.HasPrefix(line, "#") || newerSamples[key] {
			continue
		}
		files := map[string]string{"deploy.yml": strings.Replace(minimal, "[h1]", "{web: [h1]}", 1), "deploy.prod.yml": sampleText(key, sample)}
		log := &problemLog{}
		d := newDraft(value{LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(files)}.tree(log), "", log})
		rootSection.read(d.root, d)
		if d.readGeneration(); d.older != (who[key] != "newer") {
			t.Errorf("%s: %s versions accept it, and older is %v", key, who[key], d.older)
		}
	}
}

// Traefik 2 trusts the headers of no client unless its options say so.
func TestOlder_files_trust_the_headers_that_they_say(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"healthcheck: {path: /up}":                                                  "false []",
		"traefik: {args: {accesslog: true}}":                                        "false []",
		"traefik: {args: {entryPoints.http.forwardedHeaders.insecure: false}}":      "false []",
		"traefik: {args: {entryPoints.http.forwardedHeaders.insecure: true}}":       "true []",
		"traefik: {args: {entryPoints.http.forwardedHeaders.trustedIPs: 10.0.0.1}}": "true [10.0.0.1/32]",
		"healthcheck: {path: /up}\nproxy: {forward_headers: true}":                  "true []",
		"healthcheck: {path: /up}\nproxy: {host: a.com}":                            "false []",
		"proxy: {host: a.com}":                                                      "true []",
		"servers: {web: {hosts: [h1], healthcheck: {path: /x}}}":                    "false []",
	} {
		c, err := Load(LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(map[string]string{"deploy.yml": minimal, "deploy.prod.yml": text})})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		p := c.Roles[0].Proxy
		if got := fmt.Sprint(p.forwards(), " ", p.TrustedIPs); got != want {
			t.Errorf("%s: trusted are %s, want %s", text, got, want)
		}
	}
}

func TestGeneration_looks_at_forms(t *testing.T) {
	t.Parallel()
	for text, older := range map[string]bool{
		"builder: {local: {arch: amd64}}":                                        true,
		"builder: {local: true}":                                                 false,
		"builder: {local: false, remote: ssh://h}":                               false,
		"builder: {remote: {arch: amd64, host: ssh://h}}":                        true,
		"builder: {remote: false}":                                               true,
		"env: {secret: [A]}":                                                     true,
		"env: {secret: [A:B]}":                                                   false,
		"env: {tags: {t: {secret: [A:B]}}}":                                      false,
		"minimum_version: 1.9.1":                                                 true,
		"minimum_version: 2.0.0":                                                 false,
		"accessories: {a: {image: i, host: h, files: [a:/b]}}":                   true,
		"accessories: {a: {image: i, host: h, files: [{local: a, remote: /b}]}}": false,
	} {
		c, err := Load(LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(map[string]string{"deploy.yml": minimal, "deploy.prod.yml": text})})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Roles[0].Proxy.AppPort == olderPort; got != older {
			t.Errorf("%s: older is %v", text, got)
		}
		if unlimited := c.Roles[0].Proxy.ResponseTimeout == 0; unlimited != older {
			t.Errorf("%s: an answer may take %s", text, c.Roles[0].Proxy.ResponseTimeout)
		}
		if trusting := c.Roles[0].Proxy.forwards(); trusting == older {
			t.Errorf("%s: the headers of clients are trusted: %v", text, trusting)
		}
	}
}
