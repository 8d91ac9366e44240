package config

import "testing"

func TestNormalPrefix_is_as_the_proxy_compares(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]struct{ normal, never string }{
		"a//b/":        {"/a/b", ""},
		"/%61%2d":      {"/a-", ""},
		"/a%2fb":       {"/a%2Fb", ""},
		"/a%3bb%c3%bc": {"/a%3Bbü", ""},
		"/100%25":      {"/100%25", ""},
		"/my%20app":    {"/my%20app", "%20"},
		"/a%5cb":       {"/a%5Cb", "%5C"},
		"/%ff":         {"/%FF", "%FF"},
		"/50%":         {"/50%", ""},
	} {
		got := NormalPrefix(prefix)
		if never := neverMatched(got); got != want.normal || never != want.never {
			t.Errorf("%s: %s, never matched %q", prefix, got, never)
		}
	}
}

func TestUncovered_claims_are_those_that_no_other_route_serves(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		claim, other Claim
		covered      bool
	}{
		"the same":               {Claim{"http", "a.example.com", "/"}, Claim{"http", "a.example.com", "/"}, true},
		"another name":           {Claim{"http", "a.example.com", "/"}, Claim{"http", "b.example.com", "/"}, false},
		"all names":              {Claim{"http", "a.example.com", "/api"}, Claim{"http", "", "/"}, true},
		"a wildcard":             {Claim{"http", "a.example.com", "/"}, Claim{"http", "*.example.com", "/"}, true},
		"a wildcard, deeper":     {Claim{"http", "a.b.example.com", "/"}, Claim{"http", "*.example.com", "/"}, false},
		"one of a wildcard":      {Claim{"http", "*.example.com", "/"}, Claim{"http", "a.example.com", "/"}, false},
		"every name, by one":     {Claim{"http", "", "/"}, Claim{"http", "a.example.com", "/"}, false},
		"a shorter prefix":       {Claim{"http", "a.example.com", "/api/v2"}, Claim{"http", "a.example.com", "/api"}, true},
		"a prefix of a word":     {Claim{"http", "a.example.com", "/apis"}, Claim{"http", "a.example.com", "/api"}, false},
		"not public":             {Claim{"inside", "a.example.com", "/"}, Claim{"http", "b.example.com", "/"}, true},
		"only by another scheme": {Claim{"https", "a.example.com", "/"}, Claim{"http", "a.example.com", "/"}, true},
	} {
		if got := len(Uncovered([]Claim{tt.claim}, []Claim{tt.other})) == 0; got != tt.covered {
			t.Errorf("%s: covered %t", name, got)
		}
	}
}
