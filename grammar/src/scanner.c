#include "tree_sitter/parser.h"
#include <string.h>
#include <stdlib.h>
enum T { NEWLINE, CONT, COMMENT, DIRMARK, HSTART, HNL, HBODY, HEND, SHTEXT, JSTART, FLAG, EOFLAGS, WTEXT, WIMM, KTEXT, ASSIGN, AS, DQ, SQ, ERRS };
#define MAXH 48
typedef struct { uint32_t hash; uint16_t len; uint8_t strip; } H;
typedef struct { uint8_t esc, prologue, dirline, cont, cont_ws, cont_comment, quote, n; H h[MAXH]; } S;
void *tree_sitter_dockerfile_external_scanner_create(void){ S*s=calloc(1,sizeof(S)); s->esc='\\'; s->prologue=1; return s; }
void tree_sitter_dockerfile_external_scanner_destroy(void*p){ free(p); }
unsigned tree_sitter_dockerfile_external_scanner_serialize(void*p,char*b){ S*s=p; unsigned k=8; memcpy(b,s,8); for(int i=0;i<s->n;i++){memcpy(b+k,&s->h[i].hash,4);memcpy(b+k+4,&s->h[i].len,2);b[k+6]=(char)s->h[i].strip;k+=7;} return k; }
void tree_sitter_dockerfile_external_scanner_deserialize(void*p,const char*b,unsigned len){ S*s=p; memset(s,0,sizeof*s); s->esc='\\'; s->prologue=1; if(len<8)return; memcpy(s,b,8); unsigned k=8; for(int i=0;i<s->n&&k+7<=len;i++){memcpy(&s->h[i].hash,b+k,4);memcpy(&s->h[i].len,b+k+4,2);s->h[i].strip=(uint8_t)b[k+6];k+=7;} }
#define LA (l->lookahead)
#define ADV l->advance(l,false)
static bool sp(int32_t c){return c==' '||c=='\t'||c=='\f'||c=='\v';}
static bool al(int32_t c){return (c>='a'&&c<='z')||(c>='A'&&c<='Z');}
static bool eof(TSLexer*l){return l->eof(l);}
// at EOL? consumes a '\r' that precedes '\n' (callers have called mark_end before)
static bool eol(TSLexer*l){ if(eof(l)||LA=='\n')return true; if(LA=='\r'){ADV; return eof(l)||LA=='\n';} return false; }
static uint32_t hs(uint32_t h,int32_t c){ return (h^(uint32_t)c)*16777619u; }
// after one escape char was consumed: is "[ \t]*EOL" next?
static bool cont_tail(TSLexer*l){ while(LA==' '||LA=='\t')ADV; return eol(l); }
static void skip_blank_lines(S*s,TSLexer*l){ // after the newline: swallow whitespace-only lines
  for(;;){ l->mark_end(l); while(sp(LA))ADV; if(eof(l))return; bool cr=false; if(LA=='\r'){ADV;cr=true;} if(LA=='\n'){ADV;continue;} (void)cr; return; } }
static bool do_cont(S*s,TSLexer*l,bool ws){ // at newline or EOF; already past escape
  if(LA=='\n')ADV; s->cont=1; s->cont_ws=ws; s->cont_comment=0; skip_blank_lines(s,l); l->result_symbol=CONT; return true; }
static bool json_ok(S*s,TSLexer*l){ // lookahead only; after '['
  int st=0; // 0 expect string or ], 1 expect , or ], 2 expect string
  for(;;){ while(sp(LA))ADV; if(LA==s->esc){ADV; if(!cont_tail(l)||eof(l))return false; ADV; for(;;){while(sp(LA))ADV; if(LA=='#'){while(!eof(l)&&LA!='\n')ADV; if(LA=='\n')ADV;continue;} if(LA=='\r'){ADV;continue;} if(LA=='\n'){ADV;continue;} break;} continue;}
    if(LA=='"'&&st!=1){ADV; for(;;){ if(eof(l)||LA=='\n')return false; if(LA=='\\'){ADV; if(LA=='u'){for(int i=0;i<4;i++){ADV; if(!((LA>='0'&&LA<='9')||(LA>='a'&&LA<='f')||(LA>='A'&&LA<='F')))return false;}ADV;continue;} if(!LA||!strchr("\"\\/bfnrt",(char)LA)||LA>127)return false; ADV; continue;} if(LA=='"'){ADV;break;} ADV;} st=1; continue;}
    if(LA==','&&st==1){ADV;st=2;continue;}
    if(LA==']'&&st!=2){ADV; for(;;){while(sp(LA))ADV; if(LA==s->esc){ADV; if(!cont_tail(l))return false; if(eof(l))return true; ADV; continue;} return eol(l);} }
    return false; } }
bool tree_sitter_dockerfile_external_scanner_scan(void*p,TSLexer*l,const bool*v){
  S*s=p; bool err=v[ERRS]; bool pre=false;
  // heredoc bodies first
  if(!err&&(v[HBODY]||v[HEND])&&s->n>0){
    bool any=false; l->mark_end(l);
    for(;;){ // at line start
      if(eof(l)){ if(!any)return false; l->mark_end(l); s->n=0; l->result_symbol=HBODY; return true; }
      l->mark_end(l); // body ends here if this line terminates
      if(s->h[0].strip) while(LA=='\t'){ if(!any)l->advance(l,true); else ADV; }
      uint32_t h=2166136261u; uint32_t n=0; bool fin=false;
      while(!eof(l)&&LA!='\n'){ if(LA=='\r'){ if(!any&&n==s->h[0].len&&h==s->h[0].hash){l->mark_end(l);fin=true;} ADV; if(eof(l)||LA=='\n')break; h=hs(h,'\r');n++;fin=false;continue;} h=hs(h,LA);n++;ADV; }
      if(n==s->h[0].len&&h==s->h[0].hash){
        if(any){ l->result_symbol=HBODY; return true; }
        if(!fin)l->mark_end(l); memmove(s->h,s->h+1,sizeof(H)*(MAXH-1)); s->n--; l->result_symbol=HEND; return true; }
      any=true; if(LA=='\n')ADV; } }
  // quoted strings keep their blanks
  if(!err&&(v[DQ]||v[SQ])){ int32_t q=v[DQ]?'"':'\''; bool any=false; l->mark_end(l);
    for(;;){ l->mark_end(l); if(eof(l)||LA==q||LA=='\n'||(q=='"'&&LA=='$'))break; if(LA=='\r'){ADV; if(LA=='\n'||eof(l))break; any=true; continue;}
      if(LA==s->esc){ ADV; if(LA==' '||LA=='\t'||LA=='\r'||LA=='\n'||eof(l)){ if(cont_tail(l)){ if(any){l->result_symbol=v[DQ]?DQ:SQ;return true;} if(v[CONT]) return do_cont(s,l,true); return false; } any=true; continue; } ADV; any=true; continue; }
      ADV; any=true; }
    if(any){l->result_symbol=v[DQ]?DQ:SQ;return true;} 
    if(LA!='\n'||!v[CONT]||!s->cont_comment) { if(LA=='\n') return false; return false; } }
  bool col0=l->get_column(l)==0; bool ws=false;
  while(sp(LA)){l->advance(l,true);ws=true;}
  if(col0&&s->cont&&s->cont_ws)ws=true;
  // end of line
  if(LA=='\r'||LA=='\n'||eof(l)){
    if(LA=='\r'){ l->mark_end(l); ADV; if(LA!='\n')return false; }
    if(eof(l)) return false;
    if(s->cont_comment&&v[CONT]) return do_cont(s,l,s->cont_ws);
    ADV; l->mark_end(l); s->quote=0;
    if(s->n>0&&v[HNL]&&!err){ s->cont=0; s->prologue=0; l->result_symbol=HNL; return true; }
    if(!v[NEWLINE])return false;
    if(!s->dirline)s->prologue=0; else if(s->dirline>1)s->esc=s->dirline; s->dirline=0; s->cont=0; s->cont_ws=0; s->n=0; l->result_symbol=NEWLINE; return true; }
  if(col0&&LA=='#'){
    bool dir=false; uint8_t newesc=1; ADV; 
    if(s->prologue&&!s->cont&&v[DIRMARK]&&!err){ while(sp(LA))ADV; l->mark_end(l); char k[12]; int n=0; while(al(LA)){ if(n<11)k[n++]=(char)(LA|32); ADV; } k[n]=0;
      if(!strcmp(k,"syntax")||!strcmp(k,"escape")||!strcmp(k,"check")){ while(sp(LA))ADV; if(LA=='='){ADV; while(sp(LA))ADV; if(!eol(l)){ dir=true; if(k[0]=='e'){int32_t c=LA; ADV; while(sp(LA))ADV; if(eol(l)&&(c=='`'||c=='\\'))newesc=(uint8_t)c;} } } } }
    if(dir){ s->dirline=newesc; l->result_symbol=DIRMARK; return true; }
    if(!v[COMMENT])return false;
    for(;;){ l->mark_end(l); if(eof(l)||LA=='\n')break; if(LA=='\r'){ADV; if(LA=='\n'||eof(l))break; continue;} while(!eof(l)&&LA!='\n'&&LA!='\r')ADV; }
    if(s->cont)s->cont_comment=1; else s->prologue=0;
    l->result_symbol=COMMENT; return true; }
  if(s->prologue&&!s->dirline)s->prologue=0;
  // line continuation
  if(LA==s->esc){ if(s->dirline)return false; l->mark_end(l); ADV; 
    if(LA==' '||LA=='\t'||LA=='\r'||LA=='\n'||eof(l)){ bool k=cont_tail(l); if(k&&v[CONT]) return do_cont(s,l,ws); if(k)return false; if(err)return false;
      // escape + blank: part of text
      if(v[SHTEXT]) goto shtext_mid; return false; }
    if(err)return false;
    // escape + char: starts a text token
    if(v[SHTEXT]) { ADV; goto shtext_mid; }
    int sym=-1; if(!ws&&v[WIMM])sym=WIMM; else if(v[WTEXT])sym=WTEXT; else if(v[KTEXT])sym=KTEXT; if(sym<0)return false; if(LA!=s->esc||1)ADV; l->mark_end(l);
    l->result_symbol=sym; return true; }
  if(err)return false;
  if(v[ASSIGN]&&!ws&&LA=='='){ADV;l->mark_end(l);l->result_symbol=ASSIGN;return true;}
  if((v[FLAG]||v[EOFLAGS])&&LA=='-'&&(ws||!v[WIMM])){ l->mark_end(l); ADV; if(LA=='-'){ ADV; if(al(LA)&&v[FLAG]){l->mark_end(l);l->result_symbol=FLAG;return true;} if(v[EOFLAGS]&&(sp(LA)||eol(l))){ l->mark_end(l); l->result_symbol=EOFLAGS; return true; } }
    if(v[SHTEXT]) goto shtext_mid; if(v[WTEXT]){ l->mark_end(l); {pre=true; goto word;} } return false; }
  if(v[JSTART]&&LA=='['){ l->mark_end(l); ADV; l->mark_end(l); 
    if(json_ok(s,l)){l->result_symbol=JSTART;return true;}
    // not JSON: lookahead is past; can't rewind -> emit only '[' as text, the rest follows
    if(v[SHTEXT]){l->result_symbol=SHTEXT;return true;} if(v[WTEXT]){l->result_symbol=WTEXT;return true;} return false; }
  if(v[AS]&&ws&&(LA=='a'||LA=='A')){ ADV; if(LA=='s'||LA=='S'){ADV; if(sp(LA)||LA==s->esc){l->mark_end(l);l->result_symbol=AS;return true;} l->mark_end(l); if(eol(l)){l->result_symbol=AS;return true;}} if(v[WTEXT]){l->mark_end(l);{pre=true; goto word;}} return false; }
  if(v[SHTEXT]&&!(v[KTEXT])&&!(!ws&&v[WIMM])){
    bool any=false, wb=(s->quote==0);
    for(;;){
      // heredoc start at a word boundary
      if(v[HSTART]&&wb&&s->quote==0&&(LA=='<'||(LA>='0'&&LA<='9'))){
        l->mark_end(l); while(LA>='0'&&LA<='9'){ADV;}
        if(LA=='<'){ ADV; if(LA=='<'){ ADV; bool strip=false; if(LA=='-'){strip=true;ADV;} while(LA==' '||LA=='\t')ADV; uint32_t h=2166136261u; uint32_t n=0; bool bad=false; int32_t q=0; bool quoted=false;
            while(!eof(l)){ if(q){ if(LA==q){q=0;ADV;continue;} if(LA=='\n'){bad=true;break;} } else { if(sp(LA)||LA=='\n'||LA=='\r')break; if(LA=='<'){bad=true;break;} if(LA=='"'||LA=='\''){q=LA;quoted=true;ADV;continue;} if(LA=='\\'){ADV; if(sp(LA)||LA=='\n'||LA=='\r'||eof(l)){break;}} }
              h=hs(h,LA);n++;ADV; }
            (void)quoted; if(q)bad=true;
            if(!bad&&n>0){ if(any){ l->result_symbol=SHTEXT; return true; } 
              l->mark_end(l); if(s->n<MAXH){s->h[s->n].hash=h;s->h[s->n].len=(uint16_t)n;s->h[s->n].strip=strip;s->n++;} l->result_symbol=HSTART; return true; } } }
        any=true; wb=false; l->mark_end(l); continue; }
      l->mark_end(l);
      if(eof(l)||LA=='\n')break;
      if(LA=='\r'){ADV; if(LA=='\n'||eof(l))break; any=true; continue;}
      if(LA==s->esc){ ADV; if(LA==s->esc){ while(LA==s->esc)ADV; any=true; wb=false; continue; }
        if(LA==' '||LA=='\t'||LA=='\r'||LA=='\n'||eof(l)){ if(cont_tail(l))break; any=true; wb=true; continue; } ADV; any=true; wb=false; continue; }
      if(0){ shtext_mid: any=true; wb=false; continue; }
      if(s->quote){ if(LA==s->quote)s->quote=0; } else if(LA=='"'||LA=='\'')s->quote=(uint8_t)LA;
      wb=sp(LA); ADV; any=true; }
    if(any){l->result_symbol=SHTEXT;return true;} return false; }
  if(v[KTEXT]&&!(!ws&&v[WIMM])){ bool any=false; for(;;){ l->mark_end(l); if(eof(l)||LA=='\n'||LA=='\r'||sp(LA)||LA=='='||LA=='"'||LA=='\''||LA=='$')break; if(LA==s->esc){ADV; if(sp(LA)||LA=='\r'||LA=='\n'||eof(l)){if(cont_tail(l))break; any=true; continue;} } ADV; any=true; } if(any){l->result_symbol=KTEXT;return true;} return false; }
  if(v[HSTART]&&v[WTEXT]&&LA=='<'){ l->mark_end(l); ADV; if(LA=='<'){ ADV; bool strip=false; if(LA=='-'){strip=true;ADV;} while(LA==' '||LA=='\t')ADV; uint32_t h=2166136261u; uint32_t n=0; bool bad=false; int32_t q=0;
      while(!eof(l)){ if(q){ if(LA==q){q=0;ADV;continue;} if(LA=='\n'){bad=true;break;} } else { if(sp(LA)||LA=='\n'||LA=='\r')break; if(LA=='<'){bad=true;break;} if(LA=='"'||LA=='\''){q=LA;ADV;continue;} if(LA=='\\'){ADV;} } h=hs(h,LA);n++;ADV; }
      if(!bad&&!q&&n>0){ l->mark_end(l); if(s->n<MAXH){s->h[s->n].hash=h;s->h[s->n].len=(uint16_t)n;s->h[s->n].strip=strip;s->n++;} l->result_symbol=HSTART; return true; } }
    l->mark_end(l); }
word:;
  int sym=-1; if(!ws&&v[WIMM])sym=WIMM; else if(v[WTEXT])sym=WTEXT;
  if(sym>=0){ bool any=pre; bool key=v[ASSIGN]; // inside a key: stop at '='
    bool start=true; for(;;){ l->mark_end(l); if(eof(l)||LA=='\n'||LA=='\r'||sp(LA)||LA=='"'||LA=='\''||LA=='$'||(key&&LA=='='))break; if(LA==s->esc){ADV; if(sp(LA)||LA=='\r'||LA=='\n'||eof(l)){if(cont_tail(l))break; any=true; continue;} } ADV; any=true; start=false; }
    (void)start; if(any){l->result_symbol=sym;return true;} }
  return false; }
